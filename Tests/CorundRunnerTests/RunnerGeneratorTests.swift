import CorundRunner
import SystemPackage
import TestSupport
import Testing

struct RunnerGeneratorTests {
    struct Failure: Error {}

    /// Yields for ever; its clean-up takes a moment on the loop.
    private func numbers(on loop: EventLoop, _ order: Log<String>) -> AsyncGenerator<Int, Never> {
        AsyncGenerator(name: "numbers") { yield in
            do { for number in 1... { try await yield(number) } } catch {
                try await loop.sleep(for: .microseconds(1))
                order.append("generator, cancelled \(Task.isCancelled), tasks of others \(loop.taskCount - 1)")
            }
        }
    }

    @Test func generatorsAreClosedAfterTheTasksAndBeforeThePoolAndTheLoop_R18() throws {
        let order = Log<String>()
        try withRunner { runner in
            let loop = try runner.loop
            let generator = AsyncGenerator { yield in
                do { try await yield(1) } catch {
                    try await loop.runBlocking { order.append("generator, pool open") }
                }
            }
            try runner.run {
                _ = try await generator.next()
                try loop.spawn {
                    do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                        try await loop.spawn { try await loop.sleep(for: .microseconds(1)) }.value
                        order.append("task, generators \(loop.asyncGeneratorCount)")
                    }
                }
                try await loop.sleep(for: .zero)
            }
            try runner.close()
            #expect(order.entries == ["task, generators 1", "generator, pool open"])
            #expect(loop.blockingPoolCounts.threads == 0)
            withExtendedLifetime(generator) {}
        }
    }

    @Test func generatorsAreClosedAlsoWhenTasksReportErrors_R21() throws {
        let (order, reports) = (Log<String>(), Log<String>())
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0.message) }
            let generator = numbers(on: loop, order)
            try runner.run {
                _ = try await generator.next()
                try loop.spawn {
                    do { try await loop.sleep(for: .seconds(Int64.max)) } catch { throw Failure() }
                }
                try await loop.sleep(for: .zero)
            }
            try runner.close()
            withExtendedLifetime(generator) {}
        }
        #expect(order.entries == ["generator, cancelled false, tasks of others 0"])
        #expect(reports.entries == ["unhandled error during Runner shutdown"])
    }

    @Test func generatorsAreClosedAlsoWhenTheTasksCannotBeEnded_R21() throws {
        let order = Log<String>()
        let runner = Runner(loopFactory: { .virtual() })
        let loop = try runner.loop
        let generator = numbers(on: loop, order)
        try runner.run {
            _ = try await generator.next()
            try loop.spawn { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
            await EventLoop.yield()
        }
        #expect(throws: DeadlockError.self) { try runner.close() }
        #expect(order.count == 1)
        #expect(loop.isClosed && loop.asyncGeneratorCount == 0)
        withExtendedLifetime(generator) {}
    }

    @Test func aGeneratorThatACancelledTaskWaitsForEndsWell_R20() throws {
        let (order, reports) = (Log<String>(), Log<String>())
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0.message) }
            try runner.run {
                try loop.spawn {
                    let ticks = AsyncGenerator { yield in
                        do { while true { try await yield(try await loop.sleep(for: .seconds(Int64.max))) } } catch {
                            order.append("body \(type(of: error))")
                            throw error
                        }
                    }
                    defer { order.append("consumer") }
                    for try await _ in ticks {}
                }
                for _ in 0..<5 { await EventLoop.yield() }
            }
        }
        #expect(order.entries == ["body CancellationError", "consumer"])
        #expect(reports.entries.isEmpty)
    }

    @Test func aTaskThatIsCancelledBetweenElementsLeavesCleanUpThatMayWait_R18() throws {
        let order = Log<String>()
        try withRunner { runner in
            let loop = try runner.loop
            try runner.run {
                try loop.spawn {
                    for try await _ in numbers(on: loop, order) { try await loop.sleep(for: .seconds(Int64.max)) }
                }
                for _ in 0..<5 { await EventLoop.yield() }
            }
        }
        #expect(order.entries == ["generator, cancelled false, tasks of others 0"])
    }

    @Test func theOneShotRunClosesWhatItsBodyLeft_R18() throws {
        let order = Log<String>()
        try Runner.run {
            let loop = try #require(EventLoop.running)
            for try await number in numbers(on: loop, order) where number == 2 { break }
        }
        #expect(order.count == 1)
    }

    @Test func anErrorOfACleanUpIsReportedAndNotThrown_R21() throws {
        let reports = Log<ExceptionReport>()
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0) }
            let generator = AsyncGenerator(name: "rows") { yield in
                do { try await yield(1) } catch { throw Failure() }
            }
            _ = try runner.run { try await generator.next() }
            try runner.close()
            withExtendedLifetime(generator) {}
        }
        #expect(reports.entries.map(\.generatorName) == ["rows"])
        #expect(
            reports.entries.map(\.message) == ["an error occurred during closing of an asynchronous generator"])
    }

    @Test func aCleanUpThatDoesNotEndIsReportedByNameAndLeftBehind_R23() throws {
        let (order, reports) = (Log<String>(), Log<String>())
        let runner = Runner()
        let loop = try runner.loop
        loop.exceptionHandler = { reports.append("\($0.generatorName ?? ""): \($0.message)") }
        let stuck = AsyncGenerator(name: "stuck") { yield in
            do { try await yield(1) } catch {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        }
        let generator = numbers(on: loop, order)
        try runner.run {
            _ = try await stuck.next()
            _ = try await generator.next()
            try await loop.runBlocking {}
        }
        try runner.close(generatorTimeout: .milliseconds(20))
        #expect(order.count == 1)
        #expect(
            reports.entries == [
                "stuck: an asynchronous generator did not close within 0.02 seconds and was left behind"
            ])
        #expect(loop.blockingPoolCounts.threads == 0)
        expectClosed(loop)
    }

    @Test func aStopDuringTheCleanUpDoesNotCutItShort_R18() throws {
        let ended = Log<Int>()
        try withRunner { runner in
            let loop = try runner.loop
            let generator = AsyncGenerator { yield in
                do { try await yield(1) } catch {
                    loop.stop()
                    try await loop.sleep(for: .microseconds(1))
                    ended.append(1)
                }
            }
            _ = try runner.run { try await generator.next() }
            try runner.close()
            withExtendedLifetime(generator) {}
        }
        #expect(ended.count == 1)
    }

    @Test func theLoopIsClosedEvenIfTheGeneratorsCannotBe_R19() throws {
        let selector = try FailingSelector()
        let loop = EventLoop(clock: MonotonicClock(), selector: selector)
        let runner = Runner { loop }
        let (input, output) = try FileDescriptor.pipe()
        defer { for end in [input, output] { try? end.close() } }
        let generator = AsyncGenerator { yield in try await yield(1) }
        _ = try runner.run { try await generator.next() }
        try loop.addReader(input.rawValue) {}  // a loop that watches nothing has no use for its selector
        selector.isFailing = true
        #expect(throws: FailingSelector.failure) { try runner.close() }
        #expect(loop.isClosed && loop.asyncGeneratorCount == 0)
    }
}
