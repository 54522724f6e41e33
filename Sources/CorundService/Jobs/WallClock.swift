import CorundAPI
import Glibc

extension Timestamp {
    /// So much later, but not later than what can be written.
    func advanced(by time: Duration) -> Timestamp {
        let (sum, overflow) = microseconds.addingReportingOverflow(time.clampedNanoseconds / 1000)
        return overflow ? .latest : min(Timestamp(microseconds: sum), .latest)
    }
}

/// The time of day: a seam for tests.
struct WallClock: Sendable {
    let now: @Sendable () -> Timestamp

    /// `CLOCK_REALTIME`.
    static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
