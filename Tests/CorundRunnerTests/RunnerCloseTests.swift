import CorundRunner
import SystemPackage
import TestSupport
import Testing

struct RunnerCloseTests {
    struct Failure: Error, Equatable {}

    @Test func closeBeforeInitialisationDoesNothing_R12() throws {
        try withRunner { runner in
            try runner.close()
            let value = try runner.run { 1 }
            #expect(value == 1)
        }
    }

    @Test func aClosedRunnerIsClosedForGood_R12() throws {
        let runner = Runner()
        let loop = try runner.loop
        try runner.close()
        try runner.close()
        #expect(throws: RunnerError.closed) { try runner.run { Issue.record("the body ran") } }
        #expect(throws: RunnerError.closed) { _ = try runner.loop }
        #expect(throws: RunnerError.closed) { _ = try runner.context }
        expectClosed(loop)
    }

    @Test func theOrderIsTasksThenCurrentLoopThenLoop_R18() throws {
        let order = Log<String>()
        let runner = Runner()
        let loop = try runner.loop
        try runner.run {
            try loop.spawn {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                    try await loop.spawn { await Task.yield() }.value
                    order.append("task, current \(EventLoop.current === loop), closed \(loop.isClosed)")
                }
            }
            try await loop.sleep(for: .zero)
        }
        // The loop lets go of its timers when it closes.
        let witness = Witness { [unowned loop] in
            order.append("loop, current \(EventLoop.current === loop), tasks \(loop.taskCount)")
        }
        try loop.callLater(.seconds(Int64.max)) { [witness] in _ = witness }
        try runner.closeHolding(consume witness)
        #expect(order.entries == ["task, current true, closed false", "loop, current false, tasks 0"])
        expectClosed(loop)
    }

    @Test func theLoopIsClosedEvenIfAnEarlierStepThrows_R19() throws {
        let selector = try FailingSelector()
        let loop = EventLoop(clock: MonotonicClock(), selector: selector)
        let runner = Runner { loop }
        let (input, output) = try FileDescriptor.pipe()
        defer { for end in [input, output] { try? end.close() } }
        try runner.run {
            try loop.addReader(input.rawValue) {}  // a loop that watches nothing has no use for its selector
            _ = try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) }
        }
        selector.isFailing = true
        #expect(throws: FailingSelector.failure) { try runner.close() }
        #expect(loop.isClosed)
        try runner.close()
    }

    @Test(arguments: ["scoped", "one-shot"])
    func anErrorOfTheCloseReachesTheCallerOfEveryForm_R15_R19(form: String) throws {
        let (input, output) = try FileDescriptor.pipe()
        defer { for end in [input, output] { try? end.close() } }
        let selector = try FailingSelector()
        let loop = EventLoop(clock: MonotonicClock(), selector: selector)
        try loop.addReader(input.rawValue) {}  // a loop that watches nothing has no use for its selector
        #expect(throws: FailingSelector.failure) {
            if form == "scoped" {
                try Runner.with(loopFactory: { loop }) { runner in
                    try runner.run { _ = try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) } }
                    selector.isFailing = true
                }
            } else {
                nonisolated(unsafe) let selector = selector  // The body runs on this thread.
                try Runner.run(loopFactory: { loop }) {
                    try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) }
                    selector.isFailing = true
                }
            }
        }
        #expect(loop.isClosed)
    }

    @Test func anErrorOfTheBodyWinsOverOneOfTheClose_R20() throws {
        let (input, output) = try FileDescriptor.pipe()
        defer { for end in [input, output] { try? end.close() } }
        for isScoped in [true, false] {
            let selector = try FailingSelector()
            let loop = EventLoop(clock: MonotonicClock(), selector: selector)
            try loop.addReader(input.rawValue) {}  // a loop that watches nothing has no use for its selector
            #expect(throws: Failure()) {
                if isScoped {
                    try Runner.with(loopFactory: { loop }) { runner in
                        try runner.run { _ = try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) } }
                        selector.isFailing = true
                        throw Failure()
                    }
                } else {
                    nonisolated(unsafe) let selector = selector  // The body runs on this thread.
                    try Runner.run(loopFactory: { loop }) {
                        try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) }
                        selector.isFailing = true
                        throw Failure()
                    }
                }
            }
            #expect(loop.isClosed)
        }
    }

    @Test func leftoverTasksAreCancelledAndAwaited_R20() throws {
        let ended = Log<Int>()
        try withRunner { runner in
            let loop = try runner.loop
            for number in 0..<3 {
                try loop.spawn {
                    do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                        for _ in 0..<number { await Task.yield() }
                        ended.append(number)
                        throw error
                    }
                }
            }
            try runner.run { try await loop.sleep(for: .zero) }
            #expect(ended.entries.isEmpty)
        }
        #expect(ended.entries.sorted() == [0, 1, 2])
    }

    @Test func taskFailuresDuringCloseAreReportedAndCancellationsAreNot_R20() throws {
        let reports = Log<ExceptionReport>()
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0) }
            try loop.spawn(name: "flush") {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch { throw Failure() }
            }
            try loop.spawn(name: "idle") { try await loop.sleep(for: .seconds(Int64.max)) }
            try loop.spawn(name: "content") { try? await loop.sleep(for: .seconds(Int64.max)) }
            try runner.run { try await loop.sleep(for: .zero) }
        }
        #expect(reports.count == 1)
        let report = try #require(reports.entries.first)
        #expect(report.message == "unhandled error during Runner shutdown")
        #expect(report.taskName == "flush" && report.error is Failure)
        #expect(report.createdAt?.hasPrefix("CorundRunnerTests/RunnerCloseTests.swift:") == true)
    }

    @Test func aFailureDuringCloseIsReportedOnceWhateverBecomesOfItsHandle_R50() throws {
        let reports = Log<String>()
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append("\($0.taskName ?? ""): \($0.message)") }
            let fail: @Sendable () async throws -> Void = {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch { throw Failure() }
            }
            var held: LoopTask? = try loop.spawn(name: "held") { try await fail() }
            try loop.spawn(name: "dropped") { try await fail() }
            try runner.run { try await loop.sleep(for: .zero) }
            try runner.close()
            #expect(held?.isCancelled == true)
            held = nil
        }
        let message = "unhandled error during Runner shutdown"
        #expect(reports.entries.sorted() == ["dropped: \(message)", "held: \(message)"])
    }

    @Test func aBodyThatAStopLeftOverAndThatFailsLaterIsReported_R50() throws {
        let reports = Log<ExceptionReport>()
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0) }
            #expect(throws: RunnerError.stoppedBeforeCompletion) {
                try runner.run {
                    loop.stop()
                    try await loop.sleep(for: .zero)
                    throw Failure()
                }
            }
            try runner.run { while loop.taskCount > 1 { try await loop.sleep(for: .zero) } }
            #expect(throws: Failure()) { try runner.run { throw Failure() } }
        }
        #expect(reports.entries.map(\.message) == ["the error of a task was never retrieved"])
    }

    @Test func aBodyThatAStopLeftOverIsCancelledAndReportedAsAnyTask_R20() throws {
        let reports = Log<ExceptionReport>()
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0) }
            #expect(throws: RunnerError.stoppedBeforeCompletion) {
                try runner.run {
                    loop.stop()
                    do { try await loop.sleep(for: .seconds(Int64.max)) } catch { throw Failure() }
                }
            }
        }
        #expect(reports.entries.map(\.taskName) == ["main"])
    }

    @Test func aReporterThatThrowsDoesNotKeepTheLoopFromClosing_R20() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try RunnerCloseTests.closeWithAReporterThatThrows()
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("unhandled error during Runner shutdown [task flush"))
    }

    private static func closeWithAReporterThatThrows() throws {
        let runner = Runner()
        let loop = try runner.loop
        loop.exceptionHandler = { _ in throw Failure() }
        try runner.run {
            try loop.spawn(name: "flush") {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch { throw Failure() }
            }
            try await loop.sleep(for: .zero)
        }
        try runner.close()
        try #require(loop.isClosed)
    }

    @Test func tasksStartedDuringTheCancellationAreCancelledToo_R22() throws {
        let depths = Log<Int>()
        let reports = Log<ExceptionReport>()
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0) }
            @Sendable func nest(_ depth: Int) async throws {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                    depths.append(depth)
                    guard depth < 5 else { throw Failure() }
                    try loop.spawn(name: "depth \(depth + 1)") { try await nest(depth + 1) }
                }
            }
            try loop.spawn { try await nest(0) }
            try runner.run { try await loop.sleep(for: .zero) }
        }
        #expect(depths.entries == [0, 1, 2, 3, 4, 5])
        #expect(reports.entries.map(\.taskName) == ["depth 5"])
    }

    @Test func cleanUpMayWaitForATaskThatItStarts_R22() throws {
        let order = Log<String>()
        try withRunner { runner in
            let loop = try runner.loop
            try loop.spawn {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                    try await loop.spawn {
                        try await loop.sleep(for: .microseconds(1))
                        order.append("flushed")
                    }.value
                    order.append("ended")
                }
            }
            try runner.run { try await loop.sleep(for: .zero) }
        }
        #expect(order.entries == ["flushed", "ended"])
    }

    @Test func aStopDuringCloseDoesNotCutItShort_R22() throws {
        let ended = Log<Int>()
        try withRunner { runner in
            let loop = try runner.loop
            try loop.spawn {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                    loop.stop()
                    await withUnsafeContinuation { waiter in _ = try? loop.callLater(.zero) { waiter.resume() } }
                    ended.append(1)
                }
            }
            try runner.run { try await loop.sleep(for: .zero) }
        }
        #expect(ended.count == 1)
    }

    @Test func whatARunnersCloseEndsIsNotReportedAsLeftOver_R71() throws {
        let reports = Log<String>()
        try withRunner(Runner(debug: true)) { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0.description) }
            for _ in 0..<10 {
                try loop.spawn { try await loop.sleep(for: .seconds(3600)) }
                try loop.spawn { while !Task.isCancelled { await EventLoop.yield() } }
                try loop.spawn { _ = try await loop.runBlocking { 1 } }
            }
            try runner.run { try await loop.sleep(for: .microseconds(100)) }
        }
        #expect(reports.entries.isEmpty)
    }

    @Test func closeInsideTheRunningLoopThrowsAndClosesNothing_R24() throws {
        try withRunner { runner in
            try runner.runCalling {
                #expect(throws: RunnerError.closeWhileRunning) { try runner.close() }
            }
            try #expect(!runner.loop.isClosed)
            let value = try runner.run { 1 }
            #expect(value == 1)
        }
    }
}

extension Runner {
    /// Closes while nobody but the loop holds `witness`.
    fileprivate func closeHolding(_ witness: consuming AnyObject) throws {
        _ = consume witness
        try close()
    }
}
