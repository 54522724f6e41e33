import Testing

@testable import CorundLoop

struct LoopTimeTests {
    private static let clamped: [(Duration, Int64)] = [
        (.zero, 0),
        (.nanoseconds(1), 1),
        (.nanoseconds(-1), -1),
        (.milliseconds(-1500), -1_500_000_000),
        (.nanoseconds(Int64.max), .max),
        (.nanoseconds(Int64.min), .min),
        (Duration.nanoseconds(Int64.max) + Duration.nanoseconds(1), .max),
        (Duration.nanoseconds(Int64.min) - Duration.nanoseconds(1), .min),
        (.seconds(Int64.max), .max),
        (.seconds(Int64.min), .min),
        (Duration.seconds(Int64.max) * 4, .max),
        (Duration.seconds(Int64.min) * 4, .min),
        (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
    ]

    @Test(arguments: clamped)
    func durationsAreClampedToTheClocksRange(duration: Duration, nanoseconds: Int64) {
        #expect(duration.clampedNanoseconds == nanoseconds)
    }

    @Test func sumsAreClampedToTheClocksRange() {
        #expect(LoopTime(nanoseconds: 5) + .nanoseconds(7) == LoopTime(nanoseconds: 12))
        #expect(LoopTime(nanoseconds: 5) + .seconds(Int64.max) == .distantFuture)
        #expect(LoopTime.distantFuture + .nanoseconds(1) == .distantFuture)
        #expect(LoopTime(nanoseconds: -5) + .seconds(Int64.min) == LoopTime(nanoseconds: .min))
    }

    @Test func spansAreExactBetweenAnyTwoPoints() {
        let first = LoopTime(nanoseconds: .min)
        #expect(LoopTime(nanoseconds: 3).duration(since: LoopTime(nanoseconds: 5)) == .nanoseconds(-2))
        #expect(LoopTime.distantFuture.duration(since: first) == .nanoseconds(Int64.max) - .nanoseconds(Int64.min))
        #expect(first.duration(since: .distantFuture) < .zero)
    }

    @Test func theMonotonicClockNeverGoesBack() {
        let clock = MonotonicClock()
        let times = (0..<1000).map { _ in clock.now() }
        #expect(times == times.sorted())
    }
}
