import CorundRunner
import Glibc
import SystemPackage
import TestSupport
import Testing

struct RunnerTests {
    struct Failure: Error, Equatable {
        var number = 1
    }

    // MARK: Lazy initialisation

    @Test func aNewRunnerHasBuiltNothing_R01() throws {
        let runner = Runner {
            Issue.record("the factory was called")
            return try EventLoop()
        }
        try runner.close()
        #expect(EventLoop.current == nil)
    }

    @Test func aNewRunnerOpensNoDescriptorAndStartsNoThread_R01() async {
        await #expect(processExitsWith: .success) {
            // A hundred, because the concurrency runtime opens and starts things of its own meanwhile.
            let before = ProcessCounts()
            let runners = (0..<100).map { _ in Runner() }
            let made = ProcessCounts()
            try #require(made.descriptors - before.descriptors < 100, "from \(before) to \(made)")
            try #require(made.threads - before.threads < 100, "from \(before) to \(made)")
            // A loop that never waits needs none either.
            try Self.runNothing(on: runners)
            let ran = ProcessCounts()
            try #require(ran.descriptors - before.descriptors < 100, "from \(before) to \(ran)")
            let (input, output) = try FileDescriptor.pipe()
            for runner in runners { try runner.loop.addReader(input.rawValue) {} }
            try #require(ProcessCounts().descriptors - before.descriptors >= 100, "the count is blind")
            for runner in runners {
                try runner.loop.removeReader(input.rawValue)
                try runner.close()
            }
            for end in [input, output] { try end.close() }
        }
    }

    private static func runNothing(on runners: [Runner]) throws {
        for runner in runners { try runner.run {} }
    }

    @Test(arguments: ["run", "loop", "context", "with"])
    func theLoopIsMadeAtTheFirstUse_R01(use: String) throws {
        let made = Log<Int>()
        let factory: Runner.LoopFactory = {
            made.append(1)
            return try EventLoop()
        }
        if use == "with" {
            try Runner.with(loopFactory: factory) { _ in #expect(made.count == 1) }
            return
        }
        try withRunner(Runner(loopFactory: factory)) { runner in
            #expect(made.count == 0)
            switch use {
            case "run": try runner.run {}
            case "loop": _ = try runner.loop
            default: _ = try runner.context
            }
            #expect(made.count == 1)
        }
    }

    // MARK: The scoped form

    @Test func theScopedFormOpensOnEntryAndClosesOnExit_R02() throws {
        let loop = try Runner.with { runner in
            let loop = try #require(EventLoop.current)
            try #expect(runner.loop === loop)
            try runner.run {}
            return loop
        }
        expectClosed(loop)
    }

    @Test func theScopedFormClosesWhenItsBodyThrows_R02() throws {
        var loop: EventLoop?
        #expect(throws: Failure()) {
            try Runner.with { runner in
                loop = try runner.loop
                throw Failure()
            }
        }
        expectClosed(try #require(loop))
    }

    // MARK: The loop factory

    @Test func theDefaultLoopIsTheThreadsCurrentOneUntilClose_R03() throws {
        let runner = Runner()
        let loop = try runner.loop
        #expect(EventLoop.current === loop)
        try runner.run {}
        #expect(EventLoop.current === loop)
        try runner.close()
        expectClosed(loop)
    }

    @Test func aCustomFactorysLoopIsUsedAsItIs_R03() throws {
        let other = try EventLoop()
        other.makeCurrent()
        let loop = try EventLoop()
        let runner = Runner { loop }
        try #expect(runner.loop === loop)
        #expect(EventLoop.current === other)
        try runner.close()
        #expect(EventLoop.current === other, "the current loop is not the runner's to unset")
        EventLoop.unsetCurrent()
        expectClosed(loop)
        try other.close()
    }

    @Test func theFactoryIsCalledOnce_R04() throws {
        let made = Log<Int>()
        let runner = Runner {
            made.append(1)
            return try EventLoop()
        }
        try withRunner(runner) { runner in
            try runner.run {}
            try runner.run {}
            _ = try runner.loop
            #expect(made.count == 1)
        }
    }

    @Test func aFactoryThatThrowsLeavesTheRunnerUsable_R04() throws {
        var attempts = 0
        let runner = Runner {
            attempts += 1
            guard attempts > 1 else { throw Failure() }
            return try EventLoop()
        }
        try withRunner(runner) { runner in
            #expect(throws: Failure()) { try runner.run {} }
            let value = try runner.run { 7 }
            #expect(value == 7)
        }
    }

    @Test func theErrorOfAFactoryReachesWhoeverWantedTheLoop_R04() {
        let factory: Runner.LoopFactory = { throw Failure() }
        let runner = Runner(loopFactory: factory)
        #expect(throws: Failure()) { try runner.loop }
        #expect(throws: Failure()) { try runner.context }
        #expect(throws: Failure()) { try Runner.with(loopFactory: factory) { _ in Issue.record("the body ran") } }
        #expect(throws: Failure()) { try Runner.run(loopFactory: factory) { Issue.record("the body ran") } }
    }

    // MARK: Debug

    @Test(arguments: [false, true], [nil, false, true])
    func debugOverridesWhatTheLoopHasAndNilKeepsIt_R05(before: Bool, debug: Bool?) throws {
        let runner = Runner(debug: debug) {
            let loop = try EventLoop()
            loop.isDebugging = before
            return loop
        }
        try withRunner(runner) { runner in try #expect(runner.loop.isDebugging == debug ?? before) }
    }

    @Test func withoutDebugTheEnvironmentDecides_R05() async {
        await #expect(processExitsWith: .success) {
            setenv("CORUND_DEBUG", "yes", 1)
            try Runner.with { runner in try #require(try runner.loop.isDebugging) }
            try Runner.with(debug: false) { runner in try #require(try !runner.loop.isDebugging) }
        }
    }

    // MARK: Results and errors

    @Test func runGivesWhatTheBodyReturns_R07() throws {
        try withRunner { runner in
            let number = try runner.run { 1 }
            let text: String? = try runner.run { nil }
            #expect(number == 1 && text == nil)
        }
    }

    private final class NotSendable {
        var value = 0
    }

    @Test func runGivesResultsThatAreNotSendable_R07() throws {
        try withRunner { runner in
            let result = try runner.run {
                let result = NotSendable()
                await Task.yield()
                result.value = 5
                return result
            }
            result.value += 1
            #expect(result.value == 6)
        }
    }

    @Test func runThrowsTheBodysErrorUnchanged_R07() throws {
        try withRunner { runner in
            #expect(throws: Failure(number: 3)) { try runner.run { throw Failure(number: 3) } }
            let typed: @Sendable () async throws(Failure) -> Int = { () throws(Failure) in throw Failure(number: 4) }
            #expect(throws: Failure(number: 4)) { try runner.run { try await typed() } }
            let value = try runner.run { 1 }
            #expect(value == 1, "an error must not spoil the next run")
        }
    }

    @Test func theBodyRunsOnTheLoop_R07() throws {
        try withRunner { runner in
            let loop = try runner.loop
            let running = try runner.run {
                let before = EventLoop.running === loop
                await Task.yield()
                return before && EventLoop.running === loop
            }
            #expect(running && EventLoop.running == nil)
        }
    }

    @Test func aBodyThatCancelsItselfEndsInACancellationError_R14() throws {
        try withRunner { runner in
            let loop = try runner.loop
            #expect(throws: CancellationError.self) {
                try runner.run {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await loop.sleep(for: .seconds(Int64.max))
                }
            }
        }
    }

    // MARK: Misuse

    @Test func runInsideARunningLoopIsRefusedAtOnce_R08() throws {
        try withRunner { runner in
            try runner.runCalling {
                #expect(throws: RunnerError.alreadyRunning) {
                    try runner.run { Issue.record("the body ran") }
                }
                #expect(throws: RunnerError.alreadyRunning) {
                    try Runner().run { Issue.record("the body ran") }
                }
            }
        }
    }

    @Test func theScopedFormIsRefusedInsideARunningLoopAndBuildsNothing_R02_R08() throws {
        try withRunner { runner in
            let loop = try runner.loop
            try runner.runCalling {
                #expect(throws: RunnerError.alreadyRunning) { try Runner.with { _ in Issue.record("the body ran") } }
            }
            #expect(EventLoop.current === loop)
        }
    }

    @Test func aRunThatTheCompilerCannotSeeInAnAsyncFunctionIsRefused_R17() throws {
        try withRunner { runner in
            func hidden() throws { _ = try Runner().run { Issue.record("the body ran") } }
            func hiddenOneShot() throws { _ = try Runner.run { Issue.record("the body ran") } }
            try runner.run {
                await Task.yield()
                #expect(throws: RunnerError.alreadyRunning) { try hidden() }
                #expect(throws: RunnerError.oneShotInsideRunningLoop) { try hiddenOneShot() }
            }
        }
    }

    @Test func theOneShotFormIsRefusedInsideARunningLoopInItsOwnWords_R08() throws {
        try withRunner { runner in
            try runner.runCalling {
                #expect(throws: RunnerError.oneShotInsideRunningLoop) {
                    try Runner.run(loopFactory: { throw Failure() }) { Issue.record("the body ran") }
                }
            }
            let words = [RunnerError.alreadyRunning, .oneShotInsideRunningLoop].map(\.description)
            #expect(words[0] != words[1])
        }
    }

    @Test func aRunOnALoopThatWasClosedBehindTheRunnersBackIsRefused() throws {
        let runner = Runner()
        let loop = try runner.loop
        try loop.close()
        #expect(throws: EventLoopError.closed) { try runner.run { Issue.record("the body ran") } }
        #expect(loop.taskCount == 0)
        try runner.close()
        expectClosed(loop)
    }

    // MARK: Stop

    @Test func stopDuringARunMakesItThrow_R13() throws {
        try withRunner { runner in
            let loop = try runner.loop
            #expect(throws: RunnerError.stoppedBeforeCompletion) {
                try runner.run {
                    loop.stop()
                    try await loop.sleep(for: .seconds(Int64.max))
                }
            }
            let value = try runner.run { 1 }
            #expect(value == 1)
        }
    }

    @Test func aBodyThatAStopLeftOverDoesNotStopALaterRun_R13() throws {
        try withRunner { runner in
            let loop = try runner.loop
            let ended = Log<String>()
            #expect(throws: RunnerError.stoppedBeforeCompletion) {
                try runner.run {
                    loop.stop()
                    try await loop.sleep(for: .zero)
                    ended.append("first")
                }
            }
            try runner.run {
                while ended.entries.isEmpty { try await loop.sleep(for: .zero) }
                try await loop.sleep(for: .zero)
                ended.append("second")
            }
            #expect(ended.entries == ["first", "second"])
        }
    }

    // MARK: Tasks between runs

    @Test func unfinishedTasksSurviveToTheNextRunAndRestInBetween_R11() throws {
        try withRunner { runner in
            let loop = try runner.loop
            let steps = Log<Int>()
            let task = try runner.run {
                let task = try loop.spawn {
                    for step in 0..<1000 {
                        steps.append(step)
                        try await loop.sleep(for: .zero)
                    }
                    return "done"
                }
                while steps.count < 2 { try await loop.sleep(for: .zero) }
                return task
            }
            let between = steps.count
            #expect(between < 1000 && loop.taskCount == 1)
            let outcome = try runner.run { try await task.value }
            #expect(outcome == "done" && steps.count == 1000 && loop.taskCount == 0)
        }
    }

    @Test func aRunLeavesNoTaskOfItsOwn_R11() throws {
        try withRunner { runner in
            try runner.run { await Task.yield() }
            #expect(throws: Failure()) { try runner.run { throw Failure() } }
            try #expect(runner.loop.taskCount == 0)
        }
    }
}
