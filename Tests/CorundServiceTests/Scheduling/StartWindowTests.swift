import CorundLoop
import Testing

@testable import CorundService

struct StartWindowTests {
    private static func time(_ milliseconds: Int64) -> LoopTime { LoopTime(nanoseconds: milliseconds * 1_000_000) }

    @Test func asManyMayStartAtOnceAsTheRateSays() {
        var window = StartWindow(Rate(count: 3, period: .seconds(1)))
        for milliseconds in [0, 0, 400] as [Int64] {
            #expect(window.nextStart == nil)
            window.record(Self.time(milliseconds))
        }
        #expect(window.nextStart == Self.time(1000))
        window.record(Self.time(1000))  // the second start at 0 has left the window, too
        #expect(window.nextStart == nil)
    }

    @Test func whatStartedUnderAnotherRateCounts() {
        var window = StartWindow(Rate(count: 5, period: .seconds(1)))
        for milliseconds in [100, 200, 300] as [Int64] { window.record(Self.time(milliseconds)) }
        #expect(StartWindow(Rate(count: 2, period: .seconds(10)), after: window).nextStart == Self.time(10_200))
        #expect(StartWindow(Rate(count: 4, period: .seconds(10)), after: window).nextStart == nil)
    }

    @Test func aStartThatIsTakenBackIsAsIfItHadNotBeen() {
        var window = StartWindow(Rate(count: 2, period: .seconds(1)))
        for milliseconds in [0, 500, 1000] as [Int64] { window.record(Self.time(milliseconds)) }
        #expect(window.nextStart == Self.time(1500))
        window.takeBackLast()
        #expect(window.nextStart == nil)
        window.record(Self.time(1100))
        #expect(window.nextStart == Self.time(1500))
    }

    @Test func aPeriodBeyondAllTimeIsForEver() {
        var window = StartWindow(Rate(count: 1, period: .seconds(Int64.max)))
        window.record(Self.time(5))
        #expect(window.nextStart == .distantFuture)
    }

    /// Counts all starts of every window there is.
    @Test(arguments: UInt64(1)...20)
    func noWindowHoldsMoreAndNobodyWaitsLongerThanNeeded(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let count = Int.random(in: 1...6, using: &generator)
        let period = Int64.random(in: 1...50, using: &generator)
        var window = StartWindow(Rate(count: count, period: .nanoseconds(period)))
        var starts: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<500 {
            now += Int64.random(in: 0...max(1, period / 2), using: &generator)
            let isFull = starts.count { $0 > now - period } >= count
            #expect((window.nextStart.map { $0.nanoseconds > now } ?? false) == isFull)
            guard !isFull else { continue }
            window.record(LoopTime(nanoseconds: now))
            starts.append(now)
            #expect(starts.count { $0 > now - period } <= count)
        }
        #expect(starts.count > 10)
    }
}
