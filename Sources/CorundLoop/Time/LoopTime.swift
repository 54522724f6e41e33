/// A point on a loop's clock, as `asyncio`'s `loop.time()`.
///
/// It is monotonic and has nothing to do with the time of day; under a virtual clock it starts at zero.
public struct LoopTime: Sendable, Hashable, Comparable {
    /// Nanoseconds since the clock's own start.
    public let nanoseconds: Int64

    /// A point that many nanoseconds after the clock's start.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The latest point there is; a timer set to it never fires.
    public static let distantFuture = LoopTime(nanoseconds: .max)

    /// Whether `left` comes before `right`.
    public static func < (left: LoopTime, right: LoopTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The point `duration` later; sums beyond the clock's range are clamped to its ends.
    public static func + (time: LoopTime, duration: Duration) -> LoopTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.clampedNanoseconds)
        guard overflow else { return LoopTime(nanoseconds: sum) }
        return LoopTime(nanoseconds: duration < .zero ? .min : .max)
    }

    /// How long after `earlier` this point is; negative when it comes before.
    public func duration(since earlier: LoopTime) -> Duration {
        .nanoseconds(nanoseconds) - .nanoseconds(earlier.nanoseconds)
    }

    /// As ``duration(since:)``, for the hot path, where the 128-bit arithmetic of `Duration` shows: nanoseconds, clamped
    /// to 64 bits.
    package func nanoseconds(since earlier: LoopTime) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (self < earlier ? .min : .max) : difference
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to what a 64-bit clock can count (292 years).
    package var clampedNanoseconds: Int64 {
        // Before `components`, which traps where the seconds do not fit into 64 bits.
        let (seconds, attoseconds) = min(max(self, .nanoseconds(Int64.min)), .nanoseconds(Int64.max)).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
