import CorundRunner
import TestSupport
import Testing

/// What does not end when a runner closes, and what is said of it.
struct RunnerCloseLimitTests {
    @Test func aTaskThatIgnoresItsCancellationIsReportedByNameAndLeftBehind_R23() throws {
        let reports = Log<ExceptionReport>()
        let ended = Log<String>()
        let runner = Runner()
        let loop = try runner.loop
        loop.exceptionHandler = { reports.append($0) }
        try loop.spawn(name: "stubborn") {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
        try loop.spawn(name: "obedient") {
            try? await loop.sleep(for: .seconds(Int64.max))
            ended.append("obedient")
        }
        try runner.run { try await loop.sleep(for: .zero) }
        try runner.close(taskTimeout: .milliseconds(1))
        #expect(ended.entries == ["obedient"])
        #expect(reports.entries.map(\.taskName) == ["stubborn"])
        #expect(reports.entries.map(\.message) == ["a task ignored its cancellation and was left behind"])
        #expect(loop.isClosed && EventLoop.current == nil && loop.timerCount == 0)
    }

    @Test func aTaskThatIgnoresItsCancellationKeepsOthersFromNoneOfTheirs_R22_R23() throws {
        var reports: [ExceptionReport] = []
        let ended = Log<String>()
        let runner = Runner(loopFactory: { .virtual() })
        let loop = try runner.loop
        loop.exceptionHandler = { reports.append($0) }
        try runner.run {
            try loop.spawn(name: "stubborn") {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
            try loop.spawn(name: "obedient") {
                try? await loop.sleep(for: .seconds(3600))
                try loop.spawn(name: "started at the close") {
                    try? await loop.sleep(for: .seconds(3600))
                    ended.append("started at the close")
                }
                ended.append("obedient")
            }
            await EventLoop.yield()
        }
        try runner.close(taskTimeout: .seconds(1))
        #expect(ended.entries == ["obedient", "started at the close"])
        #expect(reports.map(\.taskName) == ["stubborn"])
        #expect(loop.now == LoopTime(nanoseconds: 1_000_000_000))
    }

    @Test func eachStepOfACloseThatTakesLongSaysOnceWhatItWaitsFor_R23() throws {
        var reports: [ExceptionReport] = []
        let runner = Runner(loopFactory: { .virtual() })
        let loop = try runner.loop
        loop.exceptionHandler = { reports.append($0) }
        let generator = try runner.run {
            try loop.spawn(name: "slow") { await passAMinute(on: loop) }
            let generator = AsyncGenerator<Int, Void>(name: "slow, too") { yield in
                do { _ = try await yield(1) } catch { await passAMinute(on: loop) }
            }
            _ = try await generator.next()
            return generator
        }
        try runner.close()
        let message = "the runner's close waits for a task that was cancelled and has not ended"
        #expect(reports.map(\.message) == [message, "the runner's close waits for an asynchronous generator"])
        #expect(reports.map { $0.taskName ?? $0.generatorName } == ["slow", "slow, too"])
        withExtendedLifetime(generator) {}
    }

    @Test func aTaskThatSleepsOnAfterItsCancellationIsLeftBehind_R23() throws {
        var reports: [ExceptionReport] = []
        let runner = Runner(loopFactory: { .virtual() })
        let loop = try runner.loop
        loop.exceptionHandler = { reports.append($0) }
        try runner.run {
            try loop.spawn(name: "deaf") {
                for _ in 0..<100_000 { try? await loop.sleep(for: .seconds(1)) }
            }
            await EventLoop.yield()
        }
        // Time passes with each turn, as it would.
        let time = try #require(loop.virtualTime)
        func pass() throws {
            time.advance(by: .milliseconds(1))
            if !loop.isClosed { try loop.callSoon { try pass() } }
        }
        try pass()
        try runner.close(taskTimeout: .seconds(1))
        #expect(reports.map(\.taskName) == ["deaf"])
        #expect(loop.isClosed)
    }

    @Test func closeWaitsAsLongAsTheTimeoutAllows_R23() throws {
        let ended = Log<Int>()
        let runner = Runner()
        let loop = try runner.loop
        try loop.spawn {
            await withUnsafeContinuation { waiter in _ = try? loop.callLater(.milliseconds(2)) { waiter.resume() } }
            ended.append(1)
        }
        try runner.run { try await loop.sleep(for: .zero) }
        try runner.close(taskTimeout: .seconds(600))
        #expect(ended.count == 1)
        expectClosed(loop)
    }

    @Test func tasksThatStartEachOtherForEverCannotOutlastTheTimeout_R23() throws {
        let runner = Runner()
        let loop = try runner.loop
        let reports = Log<String?>()
        loop.exceptionHandler = { reports.append($0.taskName) }
        @Sendable func again() async throws {
            try loop.spawn(name: "hydra") { try await again() }
        }
        try loop.spawn(name: "hydra") { try await again() }
        try runner.close(taskTimeout: .milliseconds(1))
        #expect(reports.entries == ["hydra"])
        #expect(loop.isClosed)
    }
}

/// Whatever becomes of the caller.
private func passAMinute(on loop: EventLoop) async {
    await withUnsafeContinuation { continuation in
        do { try loop.callLater(.seconds(60)) { continuation.resume() } } catch { continuation.resume() }
    }
}
