package import CorundAPI
import Glibc

/// When a job may start, as it stands on a command line: a point in time by RFC 3339, or a time of day.
package enum StartTime: Equatable, Sendable {
    case at(Timestamp)
    /// The next time that the clock on the wall shows this.
    case next(hour: Int, minute: Int)

    /// Nil for text that is neither.
    package init?(_ text: String) {
        if let timestamp = Timestamp(text) {
            self = .at(timestamp)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        self = .next(hour: hour, minute: minute)
    }

    /// The point in time that is meant at `now`, in this process's time zone.
    ///
    /// A time that a change of the clocks skips is taken as so much after the change.
    package func timestamp(after now: Timestamp) -> Timestamp {
        switch self {
        case .at(let timestamp): return timestamp
        case .next(let hour, let minute):
            let today = Self.localTime(hour, minute, dayAfter: 0, now)
            return today > now ? today : Self.localTime(hour, minute, dayAfter: 1, now)
        }
    }

    private static func localTime(_ hour: Int, _ minute: Int, dayAfter days: CInt, _ now: Timestamp) -> Timestamp {
        var seconds = time_t(now.microseconds / 1_000_000)
        var local = tm()
        localtime_r(&seconds, &local)
        (local.tm_hour, local.tm_min, local.tm_sec) = (CInt(hour), CInt(minute), 0)
        local.tm_mday += days
        local.tm_isdst = -1
        return Timestamp(microseconds: Int64(mktime(&local)) * 1_000_000)
    }
}
