import CorundLoop
import DequeModule

/// Keeps to a ``Rate``: remembers the last starts, as many as may fall into one period.
///
/// Exact: no window of the rate's period, wherever it begins, holds more than its count. (A bucket of tokens would be
/// smaller and lets twice as many through at a bad moment.) Pure.
struct StartWindow {
    private let count: Int
    private let period: Int64
    /// Nanoseconds of the loop's clock, ascending; at most `count`.
    private var starts: Deque<Int64> = []

    /// - Parameters:
    ///   - rate: what to keep to.
    ///   - before: the window under another rate, whose starts count under this one, too.
    init(_ rate: Rate, after before: StartWindow? = nil) {
        count = max(rate.count, 1)
        period = rate.period.clampedNanoseconds
        starts = Deque(before?.starts.suffix(count) ?? [])
    }

    /// From when on another one may start; nil: at any time.
    var nextStart: LoopTime? {
        guard starts.count == count, let oldest = starts.first else { return nil }
        return LoopTime(nanoseconds: oldest.addingSaturated(period))
    }

    /// One starts at `now`, which is not before ``nextStart`` nor before the start before it.
    mutating func record(_ now: LoopTime) {
        if starts.count == count { starts.removeFirst() }
        while let oldest = starts.first, oldest.addingSaturated(period) <= now.nanoseconds { starts.removeFirst() }
        starts.append(now.nanoseconds)
    }

    /// What was recorded last has not started after all.
    mutating func takeBackLast() {
        _ = starts.popLast()
    }
}

extension Int64 {
    /// The sum, or the end of the range that it would lie beyond.
    func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
