import CorundRunner
import Glibc
import TestSupport
import Testing

/// SIGINT as a terminal sends it: to a process whose main thread is inside a run.
struct InterruptTests {
    @Test func anInterruptCancelsTheBodyAndTheCountStartsAnewAtEachRun_R26_R29() throws {
        let program = try Program("interrupted")
        for _ in 0..<2 {
            try program.expect("ready")
            program.interrupt()
            try program.expect("cancelled", "threw the run was interrupted")
        }
        try program.expect("SIGINT kills")
        program.interrupt()
        #expect(try program.end() == .signalled(SIGINT))
    }

    @Test func whatTheProgramReadsAfterwardsStillHasAnEnd_R26() throws {
        let program = try Program("end-of-input")
        program.goOn()
        try program.expect("ready")
        program.interrupt()
        program.endInput()
        try program.expect("cancelled", "threw the run was interrupted", "input: none")
        #expect(try program.end() == .exited(0))
    }

    @Test func inVirtualTimeAnInterruptIsNothingToWaitFor_R72() throws {
        let program = try Program("deadlock")
        try program.expect("threw a DeadlockError")
        #expect(try program.end() == .exited(0))
    }

    @Test func aBodyThatSwallowsTheCancellationReturns_R27() throws {
        let program = try Program("swallowing")
        try program.expect("ready")
        program.interrupt()
        try program.expect("cancelled", "returned", "SIGINT kills")
        #expect(try program.end() == .exited(0))
    }

    @Test func aBodyThatAnswersTheCancellationWithAnotherErrorThrowsIt_R27() throws {
        let program = try Program("failing")
        try program.expect("ready")
        program.interrupt()
        try program.expect("cancelled", "threw Failure()", "SIGINT kills")
        #expect(try program.end() == .exited(0))
    }

    @Test func anInterruptThatTheBodyCouldNotHearOfIsNotLost_R26_R29() throws {
        let program = try Program("deaf")
        try program.expect("ready")
        program.interrupt()
        program.goOn()
        try program.expect("threw the run was interrupted", "ready")
        program.goOn()
        try program.expect("returned", "threw the run was interrupted", "SIGINT kills")
        #expect(try program.end() == .exited(0))
    }

    @Test func aBodyThatSomeoneElseHasCancelledEndsInACancellationError_R28() throws {
        let program = try Program("cancelled-before")
        try program.expect("ready")
        program.interrupt()
        program.goOn()
        try program.expect("threw CancellationError()", "SIGINT kills")
        #expect(try program.end() == .exited(0))
    }

    @Test(arguments: ["one-shot", "scoped", "plain"])
    func theSecondInterruptEndsTheRunAndNoLaterOneBreaksTheCleanUp_R29(form: String) throws {
        let program = try Program(form)
        try program.expect("ready")
        program.interrupt()
        try program.expect("cancelled")
        program.interrupt()
        try program.expect("closing")
        for _ in 0..<3 { program.interrupt() }
        program.goOn()
        let last = try [program.line(), program.line()].compactMap(\.self).sorted()
        #expect(last == ["cleaned up", "the body has ended"])
        if form == "plain" { try program.expect("returned") }
        try program.expect("threw the run was interrupted", "SIGINT kills")
        #expect(try program.end() == .exited(0))
    }

    @Test(arguments: ["long-close", "long-one-shot", "long-held"])
    func atEachInterruptACloseSaysWhatItWaitsFor_R23_R29(form: String) throws {
        let program = try Program(form)
        try program.expect("closing")
        for _ in 0..<2 {
            program.interrupt()
            try program.expect("the runner's close waits for a task that was cancelled and has not ended: slow")
        }
        program.goOn()
        try program.expect(form == "long-held" ? "SIGINT is handled" : "SIGINT kills")
        #expect(try program.end() == .exited(0))
    }

    @Test func whereSIGINTIsIgnoredItStaysSo_R25() throws {
        let program = try Program("ignored")
        try program.expect("SIGINT is ignored", "returned", "SIGINT is ignored")
        #expect(try program.end() == .exited(0))
    }

    @Test func aRunThatWantsInterruptsTakesThemWhateverWasDoneWithThemBefore_R25() throws {
        let program = try Program("ignored-wanted")
        try program.expect("ready")
        program.interrupt()
        try program.expect("cancelled", "threw the run was interrupted", "SIGINT is ignored")
        #expect(try program.end() == .exited(0))
    }

    @Test func aRunThatDoesNotWantInterruptsIsEndedByOneWithItsProcess_R25() throws {
        let program = try Program("unwanted")
        try program.expect("ready")
        program.interrupt()
        #expect(try program.end() == .signalled(SIGINT))
    }

    @Test func aHandlerThatReplacedTheRunsOwnIsLeftAlone_R25() throws {
        let program = try Program("replaced")
        try program.expect("ready")
        program.interrupt()
        try program.expect("the body's own handler was called", "SIGINT is handled", "SIGINT is handled", "returned")
        try program.expect("threw the run cannot handle SIGINT: an event loop of the process does already")
        try program.expect("SIGINT kills", "SIGINT is handled", "the foreign handler was called")
        #expect(try program.end() == .exited(0))
    }

    @Test func aRunAfterOneWhoseBodyRemovedTheHandlerHandlesInterrupts_R25_R29() throws {
        let program = try Program("removed")
        try program.expect("returned", "SIGINT kills", "ready")
        program.interrupt()
        try program.expect("cancelled", "threw the run was interrupted")
        #expect(try program.end() == .exited(0))
    }

    @Test func elsewhereThanOnTheMainThreadSIGINTIsNotTouched_R25() throws {
        try #require(!MainQueue.isOnMainThread)
        try withRunner { runner in
            let before = handlerOfSIGINT()
            let during = try runner.run { handlerOfSIGINT() }
            #expect(during == before)
        }
    }
}

private func handlerOfSIGINT() -> UInt {
    var action = sigaction()
    sigaction(SIGINT, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
}
