import Glibc
import TestSupport
import Testing

@testable import CorundLoop

struct DebugModeTests {
    @Test(arguments: [("1", true), ("0", true), ("", false)])
    func theEnvironmentSaysWhetherNewLoopsDebug_R05(value: String, isDebugging: Bool) async throws {
        switch (value, isDebugging) {
        case ("1", true):
            await #expect(processExitsWith: .success) {
                setenv("CORUND_DEBUG", "1", 1)
                try #require(try EventLoop().isDebugging)
            }
        case ("0", true):
            await #expect(processExitsWith: .success) {
                setenv("CORUND_DEBUG", "0", 1)
                try #require(try EventLoop().isDebugging)
            }
        default:
            await #expect(processExitsWith: .success) {
                setenv("CORUND_DEBUG", "", 1)
                try #require(try !EventLoop().isDebugging)
            }
        }
    }

    @Test func withoutTheVariableLoopsDoNotDebug_R05() async {
        await #expect(processExitsWith: .success) {
            unsetenv("CORUND_DEBUG")
            try #require(try !EventLoop().isDebugging)
        }
    }

    private func slowReports(
        debugging: Bool, threshold: Duration? = nil, _ arrange: (EventLoop, VirtualTime) throws -> Void
    ) throws -> [String] {
        let reports = Log<String>()
        try withVirtualLoop { loop, time in
            loop.isDebugging = debugging
            if let threshold { loop.slowCallbackDuration = threshold }
            loop.exceptionHandler = { reports.append($0.description) }
            try arrange(loop, time)
            try loop.turn(times: 3)
        }
        return reports.entries
    }

    private let file: StaticString = "Shop/Counter.swift"

    @Test func aCallbackThatHoldsTheLoopIsReported_R68() throws {
        let reports = try slowReports(debugging: true) { loop, time in
            try loop.callSoon(fileID: file, line: 3) { time.advance(by: .milliseconds(100)) }
            try loop.callSoonThreadSafe(fileID: file, line: 4) { time.advance(by: .milliseconds(200)) }
        }
        #expect(
            reports == [
                "a callback held the event loop for 0.1 seconds [made at Shop/Counter.swift:3]",
                "a callback held the event loop for 0.2 seconds [made at Shop/Counter.swift:4]",
            ])
    }

    @Test func aTimerThatHoldsTheLoopIsReported_R68() throws {
        let reports = try slowReports(debugging: true) { loop, time in
            try loop.callLater(.zero, fileID: file, line: 5) { time.advance(by: .seconds(2)) }
            try loop.callAt(LoopTime(nanoseconds: 0), fileID: file, line: 6) { time.advance(by: .seconds(3)) }
        }
        #expect(
            reports == [
                "a timer's callback held the event loop for 2.0 seconds [made at Shop/Counter.swift:5]",
                "a timer's callback held the event loop for 3.0 seconds [made at Shop/Counter.swift:6]",
            ])
    }

    @Test func aPieceOfATaskThatHoldsTheLoopIsReported_R68() throws {
        let reports = try slowReports(debugging: true) { loop, time in
            try loop.spawn(name: "till", fileID: file, line: 7) {
                time.advance(by: .milliseconds(99))
                await EventLoop.yield()
                time.advance(by: .seconds(1))
            }
        }
        #expect(reports == ["a task held the event loop for 1.0 seconds [task till, made at Shop/Counter.swift:7]"])
    }

    @Test func aReaderThatHoldsTheLoopIsReported_R68() throws {
        let reports = try slowReports(debugging: true) { loop, time in
            let sockets = try SocketPair()
            sockets.send()
            try loop.addReader(sockets.ours, fileID: file, line: 8) { [unowned loop] in
                loop.removeReader(sockets.ours)
                time.advance(by: .seconds(1))
            }
        }
        #expect(reports == ["a callback held the event loop for 1.0 seconds [made at Shop/Counter.swift:8]"])
    }

    @Test func aSwiftTaskOfTheLoopsThatNobodyNamedIsReportedAllTheSame_R68() throws {
        let reports = try slowReports(debugging: true) { loop, time in
            Task(executorPreference: loop) { time.advance(by: .seconds(1)) }
        }
        #expect(reports == ["a task held the event loop for 1.0 seconds"])
    }

    @Test func aCallbackThatThrowsIsReportedWithItsPlace_R70() throws {
        let reports = try slowReports(debugging: false) { loop, _ in
            try loop.callSoon(fileID: file, line: 9) { throw EventLoopError.wrongThread }
        }
        #expect(
            reports == ["a callback of the loop threw [made at Shop/Counter.swift:9]: \(EventLoopError.wrongThread)"])
    }

    @Test func whatEndsInTimeIsNotReported_R68() throws {
        let reports = try slowReports(debugging: true) { loop, time in
            for _ in 0..<10 { try loop.callSoon { time.advance(by: .milliseconds(99)) } }
        }
        #expect(reports.isEmpty)
    }

    @Test func theThresholdCanBeSet_R68() throws {
        let reports = try slowReports(debugging: true, threshold: .milliseconds(5)) { loop, time in
            try loop.callSoon { time.advance(by: .milliseconds(5)) }
        }
        #expect(reports.count == 1)
    }

    @Test func nothingIsReportedWhenDebugModeIsOff_R67() throws {
        let reports = try slowReports(debugging: false) { loop, time in
            try loop.callSoon { time.advance(by: .seconds(10)) }
        }
        #expect(reports.isEmpty)
    }

    @Test func debugModeCanBeTurnedOnAtRunTime_R67() throws {
        let reports = try slowReports(debugging: false) { loop, time in
            try loop.callSoon { [unowned loop] in loop.isDebugging = true }
            try loop.callSoon { time.advance(by: .seconds(10)) }
        }
        #expect(reports.count == 1)
    }

    /// What another thread gets to hear that uses the loop as if it were its own.
    private func errorsOfAnotherThread(debugging: Bool, running: Bool) throws -> [EventLoopError?] {
        let errors = Log<EventLoopError?>()
        try withLoop { loop in
            loop.isDebugging = debugging
            let sockets = try SocketPair()
            let number = sockets.ours
            let uses: [@Sendable () throws -> Void] = [
                { try loop.callSoon {} }, { try loop.callLater(.zero) {} }, { try loop.callAt(loop.now) {} },
                { try loop.spawn {} }, { try loop.addReader(number) {} }, { try loop.addSignalHandler(SIGURG) {} },
            ]
            let other: @Sendable () -> Void = {
                ForeignThread {
                    for use in uses {
                        do {
                            try use()
                            errors.append(nil)
                        } catch { errors.append(error as? EventLoopError) }
                    }
                }.join()
            }
            if running { try loop.callSoon(other) } else { other() }
            try loop.turn(times: 2)
            loop.removeReader(number)
            loop.removeSignalHandler(SIGURG)
        }
        return errors.entries
    }

    @Test func anotherThreadIsRefusedWhileTheLoopRuns_R69() throws {
        let errors = try errorsOfAnotherThread(debugging: true, running: true)
        #expect(errors == Array(repeating: .wrongThread, count: 6))
    }

    @Test(arguments: [true, false])
    func whatCannotThrowIsNotDoneOnAnotherThreadAndReported_R69(debugging: Bool) throws {
        let reports = Log<String>()
        try withLoop { loop in
            loop.isDebugging = debugging
            loop.exceptionHandler = { reports.append($0.description) }
            let sockets = try SocketPair()
            let number = sockets.ours
            try loop.addSignalHandler(SIGURG) {}
            let uses: @Sendable () -> Void = {
                loop.removeReader(number)
                loop.removeWriter(number)
                loop.unwatch(number)
                loop.removeSignalHandler(SIGURG)
                loop.stop()
            }
            // The loop waits for the other thread meanwhile, so that it does no harm here.
            try loop.callSoon { ForeignThread(uses).join() }
            try loop.turn(times: 2)
            #expect(loop.removeSignalHandler(SIGURG) == debugging)
        }
        let calls = ["removeReader(_:)", "removeWriter(_:)", "unwatch(_:)", "removeSignalHandler(_:)", "stop()"]
        let refusals = calls.map { "\($0) is for the event loop's own thread, and was not done on another one" }
        #expect(reports.entries == (debugging ? refusals : []))
    }

    @Test func aLoopThatDoesNotRunBelongsToWhicheverThreadUsesIt_R69() throws {
        let errors = try errorsOfAnotherThread(debugging: true, running: false)
        #expect(errors == Array(repeating: nil, count: 6))
    }

    /// The loop waits for the other thread meanwhile, so that it does no harm here.
    @Test func withoutDebugModeNobodyLooks_R69() throws {
        let errors = try errorsOfAnotherThread(debugging: false, running: true)
        #expect(errors == Array(repeating: nil, count: 6))
    }

    @Test func theLoopsOwnThreadIsNotRefused_R69() throws {
        try withLoop { loop in
            loop.isDebugging = true
            try loop.runUntilCalled { done in
                try loop.callSoon { [unowned loop] in try loop.callLater(.zero) { try loop.callSoon(done) } }
            }
            let thread = ForeignThread { try? loop.callSoonThreadSafe { loop.stop() } }
            try loop.run()
            thread.join()
        }
    }
}
