import CLinux
import Glibc
import TestSupport
import Testing

@testable import CorundLoop

/// Signals belong to the process: one test at a time, with SIGUSR1 and SIGUSR2 alone, and on threads that do not block
/// signals, as those of the concurrency runtime do.
@Suite(.serialized)
struct SignalTests {
    @Test func aSignalIsDeliveredOnTheLoop_R46() async throws {
        try await onThreadOfItsOwn {
            try withLoop { loop in
                try loop.addSignalHandler(SIGUSR1) { [unowned loop] in
                    #expect(loop.isOnItsThread)
                    loop.stop()
                }
                try loop.callSoon { raise(SIGUSR1) }
                try loop.run()
                #expect(loop.removeSignalHandler(SIGUSR1))
                #expect(!loop.removeSignalHandler(SIGUSR1))
            }
        }
    }

    @Test func aSignalWakesASleepingLoop_R46() async throws {
        try await onThreadOfItsOwn {
            let selector = try ObservedSelector()
            try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
                try loop.addSignalHandler(SIGUSR2) { [unowned loop] in loop.stop() }
                let sender = ForeignThread { [asleep = selector.asleep] in
                    asleep.wait()
                    kill(getpid(), SIGUSR2)
                }
                try loop.run()
                sender.join()
                loop.removeSignalHandler(SIGUSR2)
            }
        }
    }

    @Test func theHandlerIsCalledOnceForEachDelivery_R46() async throws {
        try await onThreadOfItsOwn {
            try withLoop { loop in
                let calls = Log<CInt>()
                try loop.addSignalHandler(SIGUSR1) { calls.append(SIGUSR1) }
                try loop.addSignalHandler(SIGUSR2) { calls.append(SIGUSR2) }
                for signal in [SIGUSR2, SIGUSR1, SIGUSR1] { raise(signal) }
                try loop.turn(times: 2)
                #expect(calls.entries.sorted() == [SIGUSR1, SIGUSR1, SIGUSR2])
                loop.removeSignalHandler(SIGUSR1)
                loop.removeSignalHandler(SIGUSR2)
            }
        }
    }

    @Test func removalRestoresThePreviousDisposition_R46() async throws {
        try await onThreadOfItsOwn {
            try withDisposition(SIG_IGN, of: SIGUSR1) {
                try withLoop { loop in
                    let before = disposition(of: SIGUSR1)
                    try loop.addSignalHandler(SIGUSR1) {}
                    #expect(disposition(of: SIGUSR1) != before)
                    loop.removeSignalHandler(SIGUSR1)
                    #expect(disposition(of: SIGUSR1) == before)
                    raise(SIGUSR1)
                }
            }
        }
    }

    @Test func closeRestoresThePreviousDisposition_R46() async throws {
        try await onThreadOfItsOwn {
            try withDisposition(SIG_IGN, of: SIGUSR1) {
                let before = disposition(of: SIGUSR1)
                let loop = try EventLoop()
                try loop.addSignalHandler(SIGUSR1) {}
                try loop.close()
                #expect(disposition(of: SIGUSR1) == before)
            }
        }
    }

    @Test func aLoopThatNobodyClosedRestoresThePreviousDisposition_R46() async throws {
        try await onThreadOfItsOwn {
            try withDisposition(SIG_IGN, of: SIGUSR1) {
                let before = disposition(of: SIGUSR1)
                do {
                    let loop = try EventLoop()
                    try loop.addSignalHandler(SIGUSR1) {}
                }
                #expect(disposition(of: SIGUSR1) == before)
            }
        }
    }

    @Test func aDispositionThatSomeoneElseChangedIsLeftAlone_R46() async throws {
        try await onThreadOfItsOwn {
            try withDisposition(SIG_IGN, of: SIGUSR1) {
                try withLoop { loop in
                    try loop.addSignalHandler(SIGUSR1) {}
                    signal(SIGUSR1) { _ in }
                    let theirs = disposition(of: SIGUSR1)
                    loop.removeSignalHandler(SIGUSR1)
                    #expect(disposition(of: SIGUSR1) == theirs)
                }
            }
        }
    }

    @Test func aNewHandlerReplacesTheOldOne_R46() async throws {
        try await onThreadOfItsOwn {
            try withDisposition(SIG_IGN, of: SIGUSR1) {
                try withLoop { loop in
                    let before = disposition(of: SIGUSR1)
                    try loop.addSignalHandler(SIGUSR1) { Issue.record("it was replaced") }
                    try loop.addSignalHandler(SIGUSR1) { [unowned loop] in loop.stop() }
                    raise(SIGUSR1)
                    try loop.run()
                    loop.removeSignalHandler(SIGUSR1)
                    #expect(disposition(of: SIGUSR1) == before)
                }
            }
        }
    }

    @Test func aRemovedHandlerIsNotCalledForWhatWasQueued_R46() async throws {
        try await onThreadOfItsOwn {
            try withLoop { loop in
                let calls = Log<Int>()
                try loop.addSignalHandler(SIGUSR1) { [unowned loop] in
                    loop.removeSignalHandler(SIGUSR1)
                    calls.append(1)
                }
                raise(SIGUSR1)
                raise(SIGUSR1)
                try loop.turn(times: 3)
                #expect(calls.count == 1)
            }
        }
    }

    @Test func whatCannotBeHandledIsRefused_R46() async throws {
        try await onThreadOfItsOwn {
            try withLoop { loop in
                for signal in [SIGKILL, SIGSTOP, 0, -1, 65, 1000] {
                    #expect(throws: EventLoopError.invalidSignal(signal)) { try loop.addSignalHandler(signal) {} }
                    #expect(throws: EventLoopError.invalidSignal(signal)) { try Signals.hold(signal) }
                }
            }
        }
    }

    @Test func aHeldSignalIsDeliveredAsSoonAsThereIsAHandler_R46() async throws {
        try await onThreadOfItsOwn {
            try withHeld(SIGUSR1) {
                raise(SIGUSR1)
                raise(SIGUSR1)
                try withLoop { loop in
                    let calls = Log<Int>()
                    try loop.addSignalHandler(SIGUSR1) { calls.append(1) }
                    try loop.turn(times: 2)
                    #expect(calls.count == 2)
                    loop.removeSignalHandler(SIGUSR1)
                }
            }
        }
    }

    @Test func aHeldSignalIsHeldAgainAfterItsHandler_R46() async throws {
        try await onThreadOfItsOwn {
            try withHeld(SIGUSR1) {
                try withLoop { loop in
                    try loop.addSignalHandler(SIGUSR1) { Issue.record("there was no delivery") }
                    try loop.turn()
                }
                raise(SIGUSR1)  // Deadly, were it not held.
                try withLoop { loop in
                    try loop.runUntilCalled { done in try loop.addSignalHandler(SIGUSR1, done) }
                    loop.removeSignalHandler(SIGUSR1)
                    raise(SIGUSR1)
                }
            }
        }
    }

    @Test func holdingASignalTwiceLosesNeitherDeliveriesNorTheDisposition_R46() async throws {
        try await onThreadOfItsOwn {
            let before = disposition(of: SIGUSR2)
            try withHeld(SIGUSR2) {
                raise(SIGUSR2)
                try Signals.hold(SIGUSR2)
                #expect(corund_signal_collect(SIGUSR2) == 1)
            }
            #expect(disposition(of: SIGUSR2) == before)
        }
    }

    @Test func holdingASignalThatALoopHandlesDoesNotMakeTheLoopDeaf_R46() async throws {
        try await onThreadOfItsOwn {
            try withLoop { loop in
                try loop.addSignalHandler(SIGUSR2) { [unowned loop] in loop.stop() }
                try Signals.hold(SIGUSR2)
                try loop.callSoon { raise(SIGUSR2) }
                try loop.run()
                loop.removeSignalHandler(SIGUSR2)
                raise(SIGUSR2)  // Deadly, were it not held now.
            }
            _ = corund_signal_collect(SIGUSR2)
            Signals.release(SIGUSR2)
        }
    }

    @Test func aHeldSignalThatIsToEndTheProcessAtNoDeliveryEndsItAtNone_R46() async throws {
        try await onThreadOfItsOwn {
            for never in [nil, 0, -1, .min] as [Int?] {
                try Signals.hold(SIGUSR2, exitingAtDelivery: never)
                raise(SIGUSR2)
                #expect(Signals.takeDeliveries(of: SIGUSR2) == 1)
                Signals.release(SIGUSR2)
            }
        }
    }

    @Test func aHoldThatEndsWhileALoopHandlesTheSignalLeavesItToTheLoop_R46() async throws {
        try await onThreadOfItsOwn {
            let before = disposition(of: SIGUSR2)
            try Signals.hold(SIGUSR2)
            try withLoop { loop in
                try loop.addSignalHandler(SIGUSR2) { [unowned loop] in loop.stop() }
                Signals.release(SIGUSR2)
                raise(SIGUSR2)
                try loop.run()
                loop.removeSignalHandler(SIGUSR2)
                #expect(disposition(of: SIGUSR2) == before)
            }
        }
    }

    @Test func aSignalOfAnotherLoopIsRefused_R46() async throws {
        try await onThreadOfItsOwn {
            try withLoop { loop in
                try loop.addSignalHandler(SIGUSR1) { [unowned loop] in loop.stop() }
                try withLoop { other in
                    #expect(throws: EventLoopError.signalOfAnotherLoop(SIGUSR1)) {
                        try other.addSignalHandler(SIGUSR1) { Issue.record("it was refused") }
                    }
                }
                raise(SIGUSR1)
                try loop.run()
                loop.removeSignalHandler(SIGUSR1)
            }
        }
    }

    @Test func aHeldSignalEndsTheProcessAtTheDeliveryThatWasNamed_R46() async {
        await #expect(processExitsWith: .exitCode(128 + SIGUSR1)) {
            try await onThreadOfItsOwn {
                try Signals.hold(SIGUSR1, exitingAtDelivery: 3)
                raise(SIGUSR1)
                raise(SIGUSR1)
                let loop = try EventLoop()
                try loop.addSignalHandler(SIGUSR1) {}
                try loop.turn(times: 2)
                raise(SIGUSR1)
            }
            exit(0)
        }
    }

    @Test func handlersRunInTheContextInWhichTheyWereAdded_R64() async throws {
        try await onThreadOfItsOwn {
            let variable = ContextVariable("v", default: "outside")
            try withLoop { loop in
                try loop.runUntilCalled { done in
                    let context = Context()
                    try context.run {
                        variable.set("inside")
                        try loop.addSignalHandler(SIGUSR1) {
                            try #expect(variable.get() == "inside")
                            done()
                        }
                    }
                    raise(SIGUSR1)
                }
                loop.removeSignalHandler(SIGUSR1)
            }
        }
    }

    private func disposition(of signal: CInt) -> UInt {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
    }

    private func withDisposition(_ handler: sighandler_t?, of number: CInt, _ body: () throws -> Void) rethrows {
        signal(number, handler)
        defer { signal(number, SIG_DFL) }
        try body()
    }

    private func withHeld(_ signal: CInt, _ body: () throws -> Void) throws {
        try Signals.hold(signal)
        defer {
            _ = corund_signal_collect(signal)
            corund_signal_restore(signal)
        }
        try body()
    }
}
