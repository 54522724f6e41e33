import Testing

@testable import CorundLoop

struct TimeHistogramTests {
    private func histogram(_ nanoseconds: some Sequence<Int64>) -> TimeHistogram {
        var histogram = TimeHistogram()
        for time in nanoseconds { histogram.record(.nanoseconds(time)) }
        return histogram
    }

    @Test func aDistributionOfNothingHasNoTimes_R74() {
        let empty = TimeHistogram()
        #expect(empty.count == 0 && empty.sum == .zero && empty.buckets.isEmpty)
        #expect(empty.minimum == nil && empty.maximum == nil && empty.percentile(50) == nil)
    }

    @Test func shortTimesAreExact_R74() {
        let times = histogram(0..<128)
        #expect(times.count == 128 && times.sum == .nanoseconds(127 * 64))
        #expect(times.minimum == .zero && times.maximum == .nanoseconds(127))
        #expect(times.percentile(0) == .zero && times.percentile(50) == .nanoseconds(63))
        #expect(times.percentile(100) == .nanoseconds(127) && times.percentile(400) == .nanoseconds(127))
        #expect(times.buckets.map(\.upperBound) == (0..<128).map { .nanoseconds($0) })
        #expect(times.buckets.allSatisfy { $0.count == 1 })
    }

    @Test func aPercentileIsNotExceededByMoreThanItSaysAndIsWithinTwoPercent_R74() throws {
        var random = SplitMix64(seed: 74)
        for _ in 0..<50 {
            // Of all orders of magnitude, up to a day.
            let sorted = (0..<200).map { _ in
                Int64.random(in: 0...(86_400_000_000_000 >> Int64.random(in: 0..<40, using: &random)), using: &random)
            }.sorted()
            let times = histogram(sorted.shuffled(using: &random))
            for percent in [1, 10, 50, 90, 99, 100] {
                let exact = sorted[sorted.count * percent / 100 - 1]
                let shown = try #require(times.percentile(Double(percent))).attoseconds / 1_000_000_000
                #expect(shown >= Int128(exact), "\(percent) percent")
                #expect(Double(shown) <= Double(exact) * 1.02, "\(percent) percent")
            }
        }
    }

    @Test func theBucketsHoldAllTimesAndEachUpToItsBound_R74() {
        let times: [Int64] = [1, 127, 128, 129, 130, 255, 256, 4095, 4096, 1 << 40, 86_400_000_000_000]
        for time in times {
            let buckets = histogram([time]).buckets
            #expect(buckets.count == 1)
            let bound = buckets.first?.upperBound ?? .zero
            #expect(bound >= .nanoseconds(time) && bound <= .nanoseconds(time) * 1.02)
            #expect(histogram([time + 1]).buckets.first.map { $0.upperBound >= bound } == true)
        }
        #expect(histogram(times).buckets.map(\.count).reduce(0, +) == times.count)
    }

    @Test func whatIsOutOfRangeIsClamped_R74() {
        var times = TimeHistogram()
        times.record(.seconds(-1))
        #expect(times.maximum == .zero)
        times.record(.seconds(Int64.max))
        #expect(times.maximum == .seconds(24 * 3600) && times.percentile(100) == .seconds(24 * 3600))
        #expect(times.count == 2)
    }
}
