import Glibc
import TestSupport
import Testing

@testable import CorundLoop

struct EventLoopTests {
    struct Failure: Error {}

    // MARK: The tick

    @Test func callbacksRunInTheOrderInWhichTheyWereAdded_R38() throws {
        try withLoop { loop in
            let called = Log<Int>()
            for number in 0..<100 { try loop.callSoon { called.append(number) } }
            try loop.turn()
            #expect(called.entries == Array(0..<100))
        }
    }

    @Test func callbacksAddedInATickRunInTheNextOne_R38() throws {
        try withLoop { loop in
            let ticks = Log<UInt64>()
            try loop.callSoon { [unowned loop] in
                ticks.append(loop.tickCount)
                try loop.callSoon { ticks.append(loop.tickCount) }
                try loop.callLater(.zero) { ticks.append(loop.tickCount) }
                try loop.callSoonThreadSafe { ticks.append(loop.tickCount) }
            }
            try loop.turn(times: 2)
            #expect(ticks.entries == [1, 2, 2, 2])
        }
    }

    @Test func readyWorkStarvesNeitherIONorTimersNorOtherThreads_R38() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            var waiting: Set = ["reader", "timer", "inbox", "job"]
            func arrived(_ who: String) {
                waiting.remove(who)
                if waiting.isEmpty { loop.stop() }
            }
            func again() throws {
                if loop.tickCount > 1000 { loop.stop() }
                if !waiting.isEmpty { try loop.callSoon(again) }
            }
            sockets.send()
            try loop.addReader(sockets.ours) { arrived("reader") }
            try loop.callLater(.zero) { arrived("timer") }
            let inbox = Log<Int>()
            try loop.callSoonThreadSafe { inbox.append(1) }
            let task = try loop.spawn {
                for _ in 0..<10 { await Task.yield() }
                inbox.append(2)
            }
            func look() throws {
                if inbox.entries.contains(1) { arrived("inbox") }
                if inbox.entries.contains(2) { arrived("job") }
                if !waiting.isEmpty { try loop.callSoon(look) }
            }
            try loop.callSoon(again)
            try loop.callSoon(look)
            try loop.run()
            #expect(waiting.isEmpty)
            loop.removeReader(sockets.ours)
            try loop.turn()
            _ = task
        }
    }

    @Test func aCancelledCallbackIsNotCalled() throws {
        try withLoop { loop in
            let handle = try loop.callSoon { Issue.record("it was cancelled") }
            handle.cancel()
            #expect(handle.isCancelled)
            try loop.turn()
        }
    }

    @Test func whatACallbackKeptAliveMayUseTheLoopWhenItGoes_R37() throws {
        try withLoop { loop in
            let called = Log<Int>()
            do {
                let witness = Witness { [unowned loop] in
                    #expect(throws: Never.self) { try loop.callSoon { called.append(1) } }
                }
                try loop.callSoon { withExtendedLifetime(witness) {} }
            }
            try loop.turn(times: 2)
            #expect(called.count == 1)
        }
    }

    private final class TickEnd: TickEndWork {
        private let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        func tickDidEnd() { body() }
    }

    @Test func tickEndWorkComesOnceAfterAllThatWasReady() throws {
        try withLoop { loop in
            let order = Log<String>()
            try loop.callSoon { [unowned loop] in
                loop.atTickEnd(TickEnd { order.append("end of \(loop.tickCount)") })
                order.append("first")
                try loop.callSoon { order.append("next tick") }
            }
            try loop.callSoon { order.append("second") }
            try loop.turn(times: 3)
            #expect(order.entries == ["first", "second", "end of 1", "next tick"])
        }
    }

    @Test func tickEndWorkIsNotSleptOver() throws {
        try withVirtualLoop { loop, _ in
            let ends = Log<UInt64>()
            loop.atTickEnd(
                TickEnd { [unowned loop] in
                    ends.append(loop.tickCount)
                    loop.atTickEnd(
                        TickEnd {
                            ends.append(loop.tickCount)
                            loop.stop()
                        })
                })
            try loop.run()
            #expect(ends.entries == [1, 2])
        }
    }

    // MARK: No polling

    @Test func anIdleLoopMakesOneSystemCallAndNoMoreUntilItIsWoken_R48() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            let thread = ForeignThread { [asleep = selector.asleep] in
                asleep.wait()
                #expect(throws: Never.self) { try loop.callSoonThreadSafe { loop.stop() } }
            }
            try loop.run()
            thread.join()
            #expect(selector.limits == [nil])
            #expect(selector.wakeCount == 1)
        }
    }

    @Test func aLoopThatWaitsForATimerSleepsOnceUntilItIsDue_R48() throws {
        try withVirtualLoop { loop, time in
            try loop.runUntilCalled { done in try loop.callLater(.seconds(3600), done) }
            #expect(time.now().nanoseconds == 3_600_000_000_000 && loop.tickCount == 1)
        }
    }

    @Test func anAwakeLoopIsNotWoken_R48() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            try loop.callSoon {
                let called = Gate()
                let thread = ForeignThread {
                    for _ in 0..<100 { #expect(throws: Never.self) { try loop.callSoonThreadSafe {} } }
                    called.open()
                }
                called.wait()
                thread.join()
            }
            try loop.turn(times: 2)
            #expect(selector.wakeCount == 0)
        }
    }

    // MARK: Stop and close

    @Test func stopFinishesTheTick_R44() throws {
        try withLoop { loop in
            let called = Log<Int>()
            try loop.callSoon { [unowned loop] in
                loop.stop()
                try loop.callSoon { called.append(2) }
            }
            try loop.callSoon { called.append(1) }
            try loop.run()
            #expect(called.entries == [1])
            try loop.turn()
            #expect(called.entries == [1, 2])
        }
    }

    @Test func stopBeforeARunMakesItDoOneTick_R44() throws {
        try withVirtualLoop { loop, _ in
            loop.stop()
            try loop.run()
            #expect(loop.tickCount == 1)
            #expect(throws: DeadlockError.self, "one stop is good for one run") { try loop.run() }
        }
    }

    @Test func aRunThatFailsLeavesTheLoopAndTheThreadUsable() throws {
        try withVirtualLoop { loop, _ in
            #expect(throws: DeadlockError.self) { try loop.run() }
            #expect(!loop.isRunning && EventLoop.running == nil)
            try loop.runUntilCalled { done in try loop.callSoon(done) }
        }
    }

    @Test func closeWhileRunningIsRefused_R43() throws {
        try withLoop { loop in
            try loop.runUntilCalled { done in
                try loop.callSoon { [unowned loop] in
                    #expect(throws: EventLoopError.closeWhileRunning) { try loop.close() }
                    done()
                }
            }
            #expect(!loop.isClosed)
        }
    }

    @Test func closingTwiceDoesNothing_R43() throws {
        let loop = try EventLoop()
        try loop.close()
        try loop.close()
        #expect(loop.isClosed)
    }

    @Test func everythingOnAClosedLoopThrows_R43() throws {
        let loop = try EventLoop()
        let sockets = try SocketPair()
        try loop.close()
        #expect(throws: EventLoopError.closed) { try loop.run() }
        #expect(throws: EventLoopError.closed) { try loop.callSoon {} }
        #expect(throws: EventLoopError.closed) { try loop.callLater(.zero) {} }
        #expect(throws: EventLoopError.closed) { try loop.callAt(.distantFuture) {} }
        #expect(throws: EventLoopError.closed) { try loop.callSoonThreadSafe {} }
        #expect(throws: EventLoopError.closed) { try loop.addReader(sockets.ours) {} }
        #expect(throws: EventLoopError.closed) { try loop.addWriter(sockets.ours) {} }
        #expect(throws: EventLoopError.closed) { try loop.addHangUpHandler(sockets.ours) {} }
        #expect(throws: EventLoopError.closed) { try loop.addSignalHandler(SIGWINCH) {} }
        #expect(throws: EventLoopError.closed) { _ = try loop.spawn {} }
        loop.removeReader(sockets.ours)
        loop.removeWriter(sockets.ours)
        #expect(!loop.removeSignalHandler(SIGWINCH))
        loop.wake()
    }

    @Test func aClosedLoopLetsGoOfAllThatItHeld_R43() throws {
        let loop = try EventLoop()
        let sockets = try SocketPair()
        weak var captured: Log<Int>?
        do {
            let log = Log<Int>()
            captured = log
            try loop.callSoon { log.append(1) }
            try loop.callLater(.seconds(1)) { log.append(2) }
            try loop.callSoonThreadSafe { log.append(3) }
            try loop.addReader(sockets.ours) { log.append(4) }
            try loop.addHangUpHandler(sockets.ours) { log.append(5) }
            loop.atTickEnd(TickEnd { log.append(6) })
        }
        #expect(captured != nil)
        try loop.close()
        #expect(captured == nil)
        #expect(loop.timerCount == 0 && loop.watches.isEmpty)
    }

    /// In a process of its own, where nobody else opens a descriptor meanwhile.
    @Test func aClosedLoopHasNoDescriptorsWhoeverKeepsIt_R43() async {
        await #expect(processExitsWith: .success) {
            for loop in [try EventLoop(), .virtual()] {
                let sockets = try SocketPair()
                try loop.addReader(sockets.ours) {}
                let descriptor = try loop.selector.wakeDescriptor
                try loop.close()
                try #require(fcntl(descriptor, F_GETFD) == -1)
                loop.wake()
            }
        }
    }

    @Test func aLoopRunsOnceAtATimeAndAloneOnItsThread() throws {
        try withLoop { loop in
            try withLoop { other in
                try loop.runUntilCalled { done in
                    try loop.callSoon { [unowned loop] in
                        #expect(throws: EventLoopError.alreadyRunning) { try loop.run() }
                        #expect(throws: EventLoopError.anotherLoopIsRunning) { try other.run() }
                        done()
                    }
                }
            }
        }
    }

    // MARK: The current loop

    @Test func theRunningLoopIsTheCurrentOne() throws {
        try withLoop { loop in
            try withLoop { other in
                other.makeCurrent()
                #expect(EventLoop.running == nil && EventLoop.current === other)
                try loop.runUntilCalled { done in
                    try loop.callSoon { [unowned loop] in
                        #expect(EventLoop.running === loop && EventLoop.current === loop)
                        done()
                    }
                }
                #expect(EventLoop.running == nil && EventLoop.current === other)
                EventLoop.unsetCurrent()
                EventLoop.unsetCurrent()
                #expect(EventLoop.current == nil)
            }
        }
    }

    @Test func aThreadLetsGoOfItsCurrentLoopAtItsEnd() throws {
        let loops = Log<Unowned>()
        ForeignThread {
            guard let loop = try? EventLoop() else { return }
            loop.makeCurrent()
            loops.append(Unowned(loop: loop))
            #expect(loops.entries.first?.loop != nil)
        }.join()
        #expect(loops.entries.map { $0.loop == nil } == [true])
    }

    private struct Unowned: Sendable {
        weak let loop: EventLoop?
    }
}
