import Glibc
import TestSupport
import Testing

@testable import CorundLoop

/// Errors that have no caller to go to.
struct ExceptionHandlerTests {
    struct Failure: Error {}

    @Test func aCallbackThatThrowsGoesToTheExceptionHandlerAndTheLoopLives_R42() throws {
        try withLoop { loop in
            let reports = Log<ExceptionReport>()
            loop.exceptionHandler = { reports.append($0) }
            let sockets = try SocketPair()
            sockets.send()
            try loop.callSoon { throw Failure() }
            try loop.callLater(.zero) { throw Failure() }
            try loop.callSoonThreadSafe { throw Failure() }
            try loop.addReader(sockets.ours) { [unowned loop] in
                loop.removeReader(sockets.ours)
                throw Failure()
            }
            try loop.turn()
            #expect(reports.count == 4)
            #expect(reports.entries.allSatisfy { $0.error is Failure && $0.message == "a callback of the loop threw" })
            try loop.runUntilCalled { done in try loop.callSoon(done) }
        }
    }

    @Test func theExceptionHandlerGetsAllThatIsKnown_R49() throws {
        try withLoop { loop in
            let reports = Log<ExceptionReport>()
            loop.exceptionHandler = { reports.append($0) }
            loop.report(
                ExceptionReport(message: "it broke", error: EventLoopError.closed, taskName: "job", createdAt: "a:1"))
            let report = try #require(reports.entries.first)
            #expect(report.message == "it broke" && report.taskName == "job" && report.createdAt == "a:1")
            #expect(report.error as? EventLoopError == .closed)
            #expect(report.description == "it broke [task job, made at a:1]: the event loop is closed")
        }
    }

    @Test func aReportIsOneLineWhateverIsInIt_R49() {
        struct Verbose: Error, CustomStringConvertible {
            let description = "first\nsecond"
        }
        let report = ExceptionReport(message: "it broke", error: Verbose(), taskName: "a\u{1B}b", createdAt: "a:1")
        #expect(report.description == #"it broke [task a\u{1B}b, made at a:1]: first\nsecond"#)
    }

    @Test func theExceptionHandlerMayReplaceItself_R49() throws {
        try withLoop { loop in
            let reports = Log<String>()
            loop.exceptionHandler = { [unowned loop] _ in
                reports.append("first")
                loop.exceptionHandler = { _ in reports.append("second") }
            }
            for _ in 0..<3 { try loop.callSoon { throw Failure() } }
            try loop.turn()
            #expect(reports.entries == ["first", "second", "second"])
        }
    }

    @Test func anExceptionHandlerMayUseTheLoop_R49() throws {
        try withLoop { loop in
            let ran = Log<Int>()
            loop.exceptionHandler = { [unowned loop] _ in
                #expect(throws: EventLoopError.alreadyRunning) { try loop.run() }
                #expect(throws: EventLoopError.closeWhileRunning) { try loop.close() }
                try loop.spawn { ran.append(1) }
            }
            try loop.callSoon { throw Failure() }
            try loop.turn(times: 2)
            #expect(ran.count == 1)
            loop.exceptionHandler = nil
        }
    }

    @Test func aHandlerThatThrowsFallsBackToTheDefaultOneAndTheLoopLives_R49() async throws {
        let result = try await #require(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            let loop = try EventLoop()
            loop.exceptionHandler = { _ in throw Failure() }
            try loop.callSoon(fileID: "a", line: 1) { throw EventLoopError.invalidSignal(99) }
            try loop.callSoon { exit(7) }
            try loop.run()
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("corund: a callback of the loop threw [made at a:1]: signal 99 cannot be handled\n"))
        #expect(text.contains("corund: the loop's exception handler threw: Failure()\n"))
    }

    @Test func theDefaultHandlerWritesALineToStandardError_R49() async throws {
        let result = try await #require(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            let loop = try EventLoop()
            try loop.callSoon(fileID: "a", line: 1) { throw EventLoopError.wrongThread }
            try loop.callSoon { exit(7) }
            try loop.run()
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("corund: a callback of the loop threw [made at a:1]: \(EventLoopError.wrongThread)\n"))
    }
}
