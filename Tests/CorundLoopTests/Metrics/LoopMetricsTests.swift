import TestSupport
import Testing

@testable import CorundLoop

struct LoopMetricsTests {
    private func milliseconds(_ times: Int64...) -> TimeHistogram {
        var histogram = TimeHistogram()
        for time in times { histogram.record(.milliseconds(time)) }
        return histogram
    }

    @Test func aTicksDurationIsForHowLongItsWorkHeldTheLoop_R74() throws {
        try withVirtualLoop { loop, time in
            loop.isMeasuring = true
            try loop.callSoon { time.advance(by: .milliseconds(7)) }
            try loop.callSoon { time.advance(by: .milliseconds(2)) }
            try loop.turn(times: 2)
            #expect(loop.metrics.tickDuration == milliseconds(9, 0))
            #expect(loop.metrics.ticks == 2)
        }
    }

    @Test func theLagIsByHowMuchTimersAreLate_R74() throws {
        try withVirtualLoop { loop, time in
            loop.isMeasuring = true
            try loop.callLater(.milliseconds(10)) { time.advance(by: .milliseconds(5)) }
            try loop.callLater(.milliseconds(12)) {}
            try loop.runUntilCalled { done in try loop.callLater(.milliseconds(20), done) }
            #expect(loop.metrics.lag == milliseconds(0, 3, 0))
        }
    }

    @Test func nothingIsMeasuredUnlessItIsAskedFor_R74() throws {
        try withVirtualLoop { loop, time in
            try loop.callLater(.zero) { time.advance(by: .seconds(1)) }
            try loop.turn()
            #expect(!loop.isMeasuring && loop.metrics.tickDuration == nil && loop.metrics.lag == nil)
            #expect(loop.metrics.ticks == 1)
            loop.isMeasuring = true
            try loop.callSoon { time.advance(by: .milliseconds(1)) }
            try loop.turn()
            loop.isMeasuring = true
            #expect(loop.metrics.tickDuration == milliseconds(1), "turning it on twice loses nothing")
            loop.isMeasuring = false
            loop.isMeasuring = true
            #expect(loop.metrics.tickDuration == TimeHistogram())
        }
    }

    @Test func whatIsThereIsCounted_R74() throws {
        try withVirtualLoop { loop, _ in
            let depths = Log<Int>()
            let depth = { [unowned loop] in depths.append(loop.metrics.readyDepth) }
            for _ in 0..<3 { try loop.callSoon(depth) }
            try loop.spawn { try await loop.sleep(for: .seconds(1)) }
            #expect(loop.metrics.readyDepth == 4 && loop.metrics.tasks == 1 && loop.metrics.timers == 0)
            try loop.turn()
            #expect(depths.entries == [3, 2, 1], "what waits behind it in the tick")
            #expect(loop.metrics.readyDepth == 0 && loop.metrics.tasks == 1 && loop.metrics.timers == 1)
            try loop.runUntilCalled { done in try loop.callLater(.seconds(2), done) }
            #expect(loop.metrics.tasks == 0 && loop.metrics.timers == 0)
        }
    }

    @Test func theBlockingPoolIsShown_R74() throws {
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: Epoll(), blockingThreadLimit: 1) }) { loop in
            let (began, end) = (Gate(), Gate())
            for _ in 0..<3 {
                try loop.spawn {
                    try await loop.runBlocking {
                        began.open()
                        end.wait()
                    }
                }
            }
            try loop.turn()
            began.wait()
            #expect(loop.metrics.blockingPool == BlockingPoolCounts(threads: 1, busy: 1, queued: 2))
            end.open()
            try loop.complete { try await loop.shutdownBlockingPool(timeout: nil) }
            try loop.turn(times: 3)
            #expect(loop.metrics.blockingPool == BlockingPoolCounts(threads: 0, busy: 0, queued: 0))
        }
    }
}
