import TestSupport
import Testing

@testable import CorundLoop

struct TimerTests {
    @Test func timersFireInDeadlineOrder_R39() throws {
        try withVirtualLoop { loop, _ in
            let fired = Log<Int>()
            for delay in [5, 1, 4, 2, 3] { try loop.callLater(.seconds(delay)) { fired.append(delay) } }
            try loop.runUntilCalled { done in try loop.callLater(.seconds(6), done) }
            #expect(fired.entries == [1, 2, 3, 4, 5])
        }
    }

    @Test func equalDeadlinesFireInOrderOfCreation_R39() throws {
        try withVirtualLoop { loop, _ in
            let fired = Log<Int>()
            let deadline = loop.now + .seconds(1)
            for number in 0..<100 { try loop.callAt(deadline) { fired.append(number) } }
            try loop.runUntilCalled { done in try loop.callAt(deadline, done) }
            #expect(fired.entries == Array(0..<100))
        }
    }

    @Test func zeroAndNegativeDelaysAreDueAtOnceAndKeepTheirOrder_R39() throws {
        try withVirtualLoop { loop, time in
            let fired = Log<Int>()
            let delays: [Duration] = [.zero, .seconds(-1), .seconds(Int64.min) * 4, .zero, .nanoseconds(-1)]
            for (number, delay) in delays.enumerated() { try loop.callLater(delay) { fired.append(number) } }
            try loop.turn()
            #expect(fired.entries == Array(0..<5))
            #expect(time.now().nanoseconds == 0)
        }
    }

    @Test func aDeadlineBeforeAllTimeIsDueAtOnce() throws {
        try withVirtualLoop { loop, time in
            time.advance(by: .seconds(1))
            try loop.runUntilCalled { done in try loop.callAt(LoopTime(nanoseconds: .min), done) }
            #expect(time.now().nanoseconds == 1_000_000_000)
        }
    }

    @Test func aTimerNeverFiresBeforeItsTime_R39() throws {
        try withLoop { loop in
            let timer = try loop.callLater(.microseconds(1500)) { [unowned loop] in loop.stop() }
            try loop.run()
            #expect(loop.now >= timer.deadline && loop.tickStartedAt >= timer.deadline)
        }
    }

    @Test func aLoopThatHasSleptUntilATimerIsDueCallsItInTheSameTick() throws {
        try withVirtualLoop { loop, _ in
            try loop.callLater(.seconds(10)) { [unowned loop] in loop.stop() }
            try loop.run()
            #expect(loop.tickCount == 1 && loop.tickStartedAt.nanoseconds == 10_000_000_000)
        }
    }

    @Test func aCancelledTimerIsGoneAtOnceAndNeverFires_R39() throws {
        try withVirtualLoop { loop, _ in
            weak var captured: Log<Int>?
            var timers: [TimerHandle] = []
            do {
                let fired = Log<Int>()
                captured = fired
                timers = try (0..<1000).map { number in try loop.callLater(.seconds(number)) { fired.append(number) } }
            }
            for timer in timers { timer.cancel() }
            for timer in timers { timer.cancel() }
            #expect(loop.timerCount == 0 && timers.allSatisfy(\.isCancelled))
            #expect(captured == nil, "a cancelled timer holds on to what its callback captured")
        }
    }

    @Test func aTimerCancelledByAnotherOneOfTheSameMomentDoesNotFire() throws {
        try withVirtualLoop { loop, _ in
            var second: TimerHandle?
            try loop.callLater(.seconds(1)) { second?.cancel() }
            second = try loop.callLater(.seconds(1)) { Issue.record("it was cancelled before") }
            try loop.runUntilCalled { done in try loop.callLater(.seconds(2), done) }
        }
    }

    @Test func aTimerOfTheDistantFutureNeverFires() throws {
        try withVirtualLoop { loop, time in
            let timer = try loop.callLater(.seconds(Int64.max) * 4) { Issue.record("it is never due") }
            #expect(timer.deadline == .distantFuture)
            try loop.runUntilCalled { done in try loop.callLater(.seconds(3600 * 24 * 365 * 100), done) }
            #expect(throws: DeadlockError.self, "the loop should sleep without limit") { try loop.run() }
            timer.cancel()
        }
    }

    /// An object that only its own timer keeps alive.
    private final class Owner {
        var timer: TimerHandle?
        deinit { timer?.cancel() }
    }

    @Test func anOwnerMayCancelItsTimerWhenTheTimerLetsGoOfIt() throws {
        try withLoop { loop in
            var owner: Owner? = Owner()
            weak let released = owner
            let timer = try loop.callLater(.seconds(1)) { [owner] in _ = owner }
            owner?.timer = timer
            owner = nil
            timer.cancel()
            #expect(released == nil)
        }
    }
}
