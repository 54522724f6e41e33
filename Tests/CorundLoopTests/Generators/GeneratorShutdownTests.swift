import TestSupport
import Testing

@testable import CorundLoop

struct GeneratorShutdownTests {
    struct Failure: Error, Equatable {}

    /// Yields once; its clean-up takes `cleanUp`, and then throws `failure`.
    private func generator(
        _ name: String, on loop: EventLoop, cleanUp: Duration = .zero, failure: Failure? = nil,
        _ log: Log<String>? = nil
    ) -> AsyncGenerator<Int, Never> {
        AsyncGenerator(name: name) { yield in
            do { try await yield(1) } catch {
                try await loop.sleep(for: cleanUp)
                log?.append("\(name) \(type(of: error)), cancelled \(Task.isCancelled)")
                if let failure { throw failure }
            }
        }
    }

    /// Begins all of them, so that they live on.
    private func begin(_ generators: [AsyncGenerator<Int, Never>], on loop: EventLoop) throws {
        try loop.complete { for generator in generators { _ = try await generator.next() } }
    }

    @Test func allLiveGeneratorsCloseAtTheSameTime_R58() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, time in
            let generators = (1...3).reversed().map {
                generator("\($0)", on: loop, cleanUp: .seconds($0), log)
            }
            try begin(generators, on: loop)
            try loop.complete { try await loop.shutdownAsyncGenerators() }
            #expect(time.now() == LoopTime(nanoseconds: 3_000_000_000))
            #expect(loop.asyncGeneratorCount == 0)
            withExtendedLifetime(generators) {}
        }
        #expect(log.entries == (1...3).map { "\($0) GeneratorExit, cancelled false" })
    }

    @Test func anErrorInOneIsReportedWithItsNameAndTheOthersStillClose_R58() throws {
        let (log, reports) = (Log<String>(), Log<ExceptionReport>())
        try withVirtualLoop { loop, _ in
            loop.exceptionHandler = { reports.append($0) }
            let generators = [
                generator("first", on: loop, log), generator("rows", on: loop, failure: Failure()),
                generator("last", on: loop, cleanUp: .seconds(1), log),
            ]
            try begin(generators, on: loop)
            try loop.complete { try await loop.shutdownAsyncGenerators() }
            withExtendedLifetime(generators) {}
        }
        #expect(log.count == 2)
        let report = try #require(reports.entries.first)
        #expect(reports.count == 1)
        #expect(report.message == "an error occurred during closing of an asynchronous generator")
        #expect(report.generatorName == "rows" && report.error is Failure)
        #expect(report.createdAt?.hasPrefix("CorundLoopTests/GeneratorShutdownTests.swift:") == true)
    }

    @Test func aGeneratorThatIsClosingAlreadyIsWaitedFor_R58() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            try begin([generator("dropped", on: loop, cleanUp: .seconds(5), log)], on: loop)
            #expect(loop.asyncGeneratorCount == 1)
            try loop.complete { try await loop.shutdownAsyncGenerators() }
        }
        #expect(log.count == 1)
    }

    @Test func aBodyThatRunsForSomeoneElsesTaskIsCancelled_R58() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                try? await loop.sleep(for: .seconds(3600))
                do { try await yield(1) } catch { log.append("\(type(of: error))") }
            }
            try loop.complete {
                let consumer = Task(executorPreference: loop) { try await generator.next() }
                for _ in 0..<3 { await EventLoop.yield() }
                try await loop.shutdownAsyncGenerators()
                try await #expect(consumer.value == 1)
                try await #expect(generator.next() == nil)
                #expect(loop.now < LoopTime(nanoseconds: 1_000_000_000))
            }
        }
        #expect(log.entries == ["GeneratorExit"])
    }

    @Test func aGeneratorThatACleanUpBeginsIsClosedToo_R58() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            loop.exceptionHandler = { _ in }
            let second = generator("second", on: loop, log)
            let first = AsyncGenerator { yield in
                do { try await yield(1) } catch { _ = try await second.next() }
            }
            try begin([first], on: loop)
            try loop.complete { try await loop.shutdownAsyncGenerators() }
            withExtendedLifetime((first, second)) {}
        }
        #expect(log.count == 1)
    }

    @Test func aGeneratorThatBeginsAfterwardsIsReportedAndWorks_R58() throws {
        let reports = Log<ExceptionReport>()
        try withVirtualLoop { loop, _ in
            loop.exceptionHandler = { reports.append($0) }
            let late = generator("late", on: loop)
            try loop.complete {
                try await loop.shutdownAsyncGenerators()
                try await #expect(late.next() == 1)
                try await late.aclose()
            }
        }
        #expect(reports.count == 1)
        #expect(
            reports.entries.first?.message
                == "an asynchronous generator began after the loop had shut its generators down")
        #expect(reports.entries.first?.generatorName == "late")
    }

    @Test func oneThatDoesNotEndInTimeIsReportedByNameAndLeftBehind_R23() throws {
        let (log, reports) = (Log<String>(), Log<String>())
        try withVirtualLoop { loop, time in
            loop.exceptionHandler = { reports.append("\($0.generatorName ?? ""): \($0.message)") }
            let generators = [
                generator("quick", on: loop, cleanUp: .seconds(1), log),
                generator("slow", on: loop, cleanUp: .seconds(60), log),
            ]
            try begin(generators, on: loop)
            try loop.complete { try await loop.shutdownAsyncGenerators(timeout: .seconds(5)) }
            #expect(time.now() == LoopTime(nanoseconds: 5_000_000_000))
            #expect(log.count == 1 && loop.asyncGeneratorCount == 1)
            try loop.complete { try await loop.shutdownAsyncGenerators() }
            #expect(loop.asyncGeneratorCount == 1, "what was left behind is not waited for again")
            try loop.complete { try await loop.sleep(for: .seconds(60)) }
            withExtendedLifetime(generators) {}
        }
        #expect(log.count == 2)
        #expect(
            reports.entries == ["slow: an asynchronous generator did not close within 5.0 seconds and was left behind"])
    }

    @Test func aGeneratorThatBeganInACleanUpWhichDoesNotEndInTimeIsClosedAllTheSame_R23() throws {
        let (log, reports) = (Log<String>(), Log<String?>())
        try withVirtualLoop { loop, time in
            loop.exceptionHandler = { if $0.message.contains("left behind") { reports.append($0.generatorName) } }
            let helpers = [
                generator("helper", on: loop, log), generator("slow helper", on: loop, cleanUp: .seconds(1), log),
            ]
            let slow = AsyncGenerator(name: "slow") { yield in
                do { try await yield(1) } catch {
                    for helper in helpers { _ = try await helper.next() }
                    try await loop.sleep(for: .seconds(60))
                }
            }
            try begin([slow], on: loop)
            try loop.complete { try await loop.shutdownAsyncGenerators(timeout: .seconds(5)) }
            #expect(time.now() == LoopTime(nanoseconds: 5_100_000_000))
            #expect(log.entries == ["helper GeneratorExit, cancelled false"])
            try loop.complete { try await loop.sleep(for: .seconds(60)) }
            withExtendedLifetime((slow, helpers)) {}
        }
        #expect(log.count == 2)
        #expect(reports.entries == ["slow", "slow helper"])
    }

    // MARK: Debug mode

    @Test(arguments: [true, false]) func inDebugModeEachThatIsLeftOverIsReported_R71(isDebugging: Bool) throws {
        let reports = Log<ExceptionReport>()
        try withVirtualLoop { loop, _ in
            loop.isDebugging = isDebugging
            loop.exceptionHandler = { reports.append($0) }
            let generators = ["a", "b"].map { generator($0, on: loop) }
            try begin(generators + [generator("dropped", on: loop)], on: loop)
            try loop.complete { try await loop.shutdownAsyncGenerators() }
            withExtendedLifetime(generators) {}
        }
        #expect(reports.entries.map(\.generatorName) == (isDebugging ? ["a", "b"] : []))
        for report in reports.entries {
            #expect(report.message == "an asynchronous generator was left over at close")
            #expect(report.createdAt?.hasPrefix("CorundLoopTests/GeneratorShutdownTests.swift:") == true)
        }
    }

    // MARK: Loops that close without

    @Test func generatorsThatOutliveTheirLoopAreHarmless_R57() throws {
        let reports = Log<String?>()
        let time = VirtualTime()
        let loop = EventLoop(virtualTime: time)
        loop.isDebugging = true
        loop.exceptionHandler = { reports.append($0.generatorName) }
        var generators = ["kept", "dropped"].map { name in
            AsyncGenerator(name: name) { yield in
                do { try await yield(1) } catch { Issue.record("the body went on") }
            }
        }
        try begin(generators, on: loop)
        try loop.close()
        #expect(loop.asyncGeneratorCount == 0)
        generators.removeLast()
        let kept = generators[0]
        try withVirtualLoop { other, _ in
            #expect(throws: EventLoopError.closed) { try other.complete { try await kept.next() } }
            #expect(throws: EventLoopError.closed) { try other.complete { try await kept.aclose() } }
        }
        #expect(reports.entries == ["kept", "dropped"])
    }
}
