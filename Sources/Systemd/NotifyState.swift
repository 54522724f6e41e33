import Glibc

/// One thing to tell the service manager, as sd_notify(3) lists them.
public enum NotifyState: Hashable, Sendable {
    /// `READY=1`: start-up or a reload is finished.
    case ready

    /// `STATUS=…`: one line for `systemctl status`.
    ///
    /// Control characters and line ends become spaces, so that no text can add an assignment of its own, and what
    /// exceeds ``statusLimit`` bytes is cut at a character and ended with `…`.
    case status(String)

    /// `STOPPING=1`: the end has begun.
    case stopping

    /// `RELOADING=1` with `MONOTONIC_USEC`, the time on `CLOCK_MONOTONIC` when the reload began.
    ///
    /// systemd before 253 ignores the time; later ones require it for `Type=notify-reload`. See ``reloadingNow()``.
    case reloading(monotonic: Duration)

    /// `WATCHDOG=1`: the service is alive.
    case watchdog

    /// `EXTEND_TIMEOUT_USEC=…`: the start, stop or run-time limit lies this far from now, rounded up to microseconds.
    ///
    /// It must be sent again before it elapses. Negative durations count as zero.
    case extendTimeout(Duration)

    /// Most bytes of a status text, in UTF-8.
    ///
    /// systemd ignores a whole notification above 4,096 bytes (`NOTIFY_BUFFER_MAX`), so a long status may not take
    /// `READY=1` down with it.
    public static let statusLimit = 1024

    /// A `reloading` that begins now.
    public static func reloadingNow() -> NotifyState {
        var now = timespec()
        let status = clock_gettime(CLOCK_MONOTONIC, &now)
        precondition(status == 0, "CLOCK_MONOTONIC always exists on Linux")
        return .reloading(monotonic: .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec))
    }

    /// The assignments that go over the wire, without line ends.
    var assignments: [String] {
        switch self {
        case .ready: ["READY=1"]
        case .status(let text): ["STATUS=\(Self.singleLine(text))"]
        case .stopping: ["STOPPING=1"]
        case .reloading(let monotonic): ["RELOADING=1", "MONOTONIC_USEC=\(Self.microseconds(monotonic))"]
        case .watchdog: ["WATCHDOG=1"]
        case .extendTimeout(let duration): ["EXTEND_TIMEOUT_USEC=\(Self.microseconds(duration, roundUp: true))"]
        }
    }

    /// The text of one notification: the assignments of all states, one on a line.
    static func message(of states: [NotifyState]) -> String {
        states.flatMap(\.assignments).joined(separator: "\n")
    }

    private static func singleLine(_ text: String) -> String {
        let ellipsis = "…"
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            line.append(scalar.breaksLine ? " " : scalar)
        }
        var result = String(line)
        guard result.utf8.count > statusLimit else { return result }
        while result.utf8.count > statusLimit - ellipsis.utf8.count { result.removeLast() }
        return result + ellipsis
    }

    private static func microseconds(_ duration: Duration, roundUp: Bool = false) -> UInt64 {
        let (seconds, attoseconds) = max(duration, .zero).components
        let attosecondsInMicrosecond: Int64 = 1_000_000_000_000
        let roundedUp = roundUp && attoseconds % attosecondsInMicrosecond > 0 ? 1 : 0
        let fraction = UInt64(attoseconds / attosecondsInMicrosecond) + UInt64(roundedUp)
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000)
        // UINT64_MAX is systemd's "infinity"; the one below it is the longest finite time.
        return overflow || whole > UInt64.max - 1 - fraction ? UInt64.max - 1 : whole + fraction
    }
}

extension Unicode.Scalar {
    /// Whether a terminal, a log reader or a line protocol may take this scalar for the end of a line or a command.
    var breaksLine: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
