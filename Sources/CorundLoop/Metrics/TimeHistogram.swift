/// A distribution of times, to within two percent.
///
/// Times are counted in buckets, 64 for each power of two nanoseconds, so that to record one is a shift and four
/// additions, and takes no memory. Times below 128 ns are exact; longer ones than a day count as a day.
///
/// (HdrHistogram's buckets are the same idea, with a search for the bucket that copes with any range and precision.)
public struct TimeHistogram: Sendable, Equatable {
    private var counts = [UInt64](repeating: 0, count: index(of: longest) + 1)
    private var total: UInt64 = 0
    private var least = UInt64.max
    private var greatest: UInt64 = 0

    /// How many times were recorded.
    public private(set) var count = 0

    private static let longest: UInt64 = 24 * 3600 * 1_000_000_000
    /// Buckets for each power of two, as a power of two.
    private static let precision: UInt64 = 6

    /// A distribution of nothing.
    public init() {}

    /// Counts a time; below zero counts as zero.
    public mutating func record(_ time: Duration) {
        record(nanoseconds: time.clampedNanoseconds)
    }

    /// As ``record(_:)``, for the hot path, where the 128-bit arithmetic of `Duration` shows.
    package mutating func record(nanoseconds: Int64) {
        let time = min(UInt64(max(0, nanoseconds)), Self.longest)
        counts[Self.index(of: time)] &+= 1
        count &+= 1
        total &+= time
        least = min(least, time)
        greatest = max(greatest, time)
    }

    /// All of the times together.
    public var sum: Duration { .nanoseconds(total) }

    /// The shortest; nil when there is none.
    public var minimum: Duration? { count == 0 ? nil : .nanoseconds(least) }

    /// The longest; nil when there is none.
    public var maximum: Duration? { count == 0 ? nil : .nanoseconds(greatest) }

    /// The time that so many percent of the times do not exceed.
    ///
    /// - Parameter percent: from 0 to 100.
    /// - Returns: at most two percent more than that; nil when no time was recorded.
    public func percentile(_ percent: Double) -> Duration? {
        guard count > 0 else { return nil }
        let wanted = max(1, (Double(count) * min(percent, 100) / 100).rounded(.up))
        var seen: UInt64 = 0
        for (index, inBucket) in counts.enumerated() {
            seen += inBucket
            if Double(seen) >= wanted { return .nanoseconds(min(Self.upperBound(of: index), greatest)) }
        }
        return maximum
    }

    /// Times of about the same length.
    public struct Bucket: Sendable, Equatable {
        /// None of them is longer.
        public let upperBound: Duration
        /// How many there are.
        public let count: Int
    }

    /// The buckets that are not empty, the shortest times first.
    public var buckets: [Bucket] {
        counts.enumerated().compactMap { index, count in
            count == 0 ? nil : Bucket(upperBound: .nanoseconds(Self.upperBound(of: index)), count: Int(count))
        }
    }

    private static func index(of time: UInt64) -> Int {
        let shift = shift(of: time)
        return Int((shift << precision) + (time >> shift))
    }

    /// How many of the lowest bits a bucket leaves out.
    private static func shift(of time: UInt64) -> UInt64 {
        UInt64(63 - (time | 1 << precision).leadingZeroBitCount) - precision
    }

    private static func upperBound(of index: Int) -> UInt64 {
        let index = UInt64(index)
        let shift = max(1, index >> precision) - 1
        return (index - (shift << precision) + 1) << shift - 1
    }
}
