import CorundAPI

extension Timestamp {
    /// So much later, but not later than what can be written.
    func advanced(by time: Duration) -> Timestamp {
        let (seconds, attoseconds) = time.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow2) = microseconds.addingReportingOverflow(whole)
        let (all, overflow3) = sum.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return overflow || overflow2 || overflow3 ? .latest : min(Timestamp(microseconds: all), .latest)
    }
}

/// The time of day: a seam for tests.
struct WallClock: Sendable {
    let now: @Sendable () -> Timestamp

    /// `CLOCK_REALTIME`.
    static let system = WallClock { .now }
}
