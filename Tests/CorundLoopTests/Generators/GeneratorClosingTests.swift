import TestSupport
import Testing

@testable import CorundLoop

struct GeneratorClosingTests {
    struct Failure: Error, Equatable {}

    /// Yields numbers for ever, and notes its end, a second after it was asked to.
    private func endless(on loop: EventLoop, _ log: Log<String>) -> AsyncGenerator<Int, Never> {
        AsyncGenerator { yield in
            do {
                for number in 1... { try await yield(number) }
            } catch {
                try await loop.sleep(for: .seconds(1))
                log.append("\(type(of: error)), cancelled \(Task.isCancelled)")
                throw error
            }
        }
    }

    // MARK: aclose

    @Test func acloseMakesThePendingYieldThrowAndWaitsForTheCleanUp_R53() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = endless(on: loop, log)
            try loop.complete {
                _ = try await generator.next()
                try await generator.aclose()
                log.append("closed")
                try await #expect(generator.next() == nil)
            }
        }
        #expect(log.entries == ["GeneratorExit, cancelled false", "closed"])
    }

    @Test func theCleanUpIsNotCancelledWithWhoeverCloses_R53() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = endless(on: loop, log)
            try loop.complete {
                _ = try await generator.next()
                let closer = try loop.spawn {
                    try await generator.aclose()
                    log.append("closed, cancelled \(Task.isCancelled)")
                }
                await EventLoop.yield()
                closer.cancel()
                try await closer.value
            }
        }
        #expect(log.entries == ["GeneratorExit, cancelled false", "closed, cancelled true"])
    }

    @Test func acloseDoesNothingTheSecondTimeAndAfterTheEnd_R53() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = endless(on: loop, log)
            let exhausted = AsyncGenerator { yield in try await yield(1) }
            try loop.complete {
                _ = try await generator.next()
                for _ in 0..<3 { try await generator.aclose() }
                for try await _ in exhausted {}
                try await exhausted.aclose()
            }
        }
        #expect(log.count == 1)
    }

    @Test func theBodyOfAGeneratorThatIsClosedFirstNeverRuns_R53() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator<Int, Never> { _ in Issue.record("the body ran") }
            try loop.complete {
                try await generator.aclose()
                try await #expect(generator.next() == nil)
            }
        }
    }

    @Test func allWhoCloseWaitForTheSameEnd_R53() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = endless(on: loop, log)
            try loop.complete {
                _ = try await generator.next()
                let closers = try (0..<3).map { number in
                    try loop.spawn {
                        try await generator.aclose()
                        log.append("\(number)")
                    }
                }
                for closer in closers { try await closer.value }
            }
        }
        #expect(log.entries == ["GeneratorExit, cancelled false", "0", "1", "2"])
    }

    @Test func anErrorOfTheCleanUpReachesWhoeverCloses_R53() throws {
        try withVirtualLoop { loop, _ in
            loop.exceptionHandler = { Issue.record("\($0)") }
            let generator = AsyncGenerator { yield in
                do { try await yield(1) } catch { throw Failure() }
            }
            try loop.complete {
                _ = try await generator.next()
                await #expect(throws: Failure()) { try await generator.aclose() }
                try await generator.aclose()
            }
        }
    }

    // MARK: Bodies that will not end

    @Test func aBodyThatSwallowsTheExitAndReturnsIsClosed_R54() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in _ = try? await yield(1) }
            try loop.complete {
                _ = try await generator.next()
                try await generator.aclose()
                try await #expect(generator.next() == nil)
            }
        }
    }

    @Test func aBodyThatYieldsInItsCleanUpGetsAnError_R54() throws {
        let errors = Log<AsyncGeneratorError?>()
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                _ = try? await yield(1)
                do { try await yield(2) } catch { errors.append(error as? AsyncGeneratorError) }
            }
            try loop.complete {
                _ = try await generator.next()
                await #expect(throws: AsyncGeneratorError.ignoredExit) { try await generator.aclose() }
                try await #expect(generator.next() == nil)
            }
        }
        #expect(errors.entries == [.ignoredExit])
    }

    /// It can only be left where it is, with its loop; so this is no loop of `withLoop`.
    @Test func aBodyThatYieldsForEverCanNeitherHoldNorKeepTheLoopBusy_R54() throws {
        let yields = Log<Int>()
        let time = VirtualTime()
        let loop = EventLoop(virtualTime: time)
        let generator = AsyncGenerator { yield in
            while true {
                yields.append(1)
                _ = try? await yield(1)
            }
        }
        try loop.complete {
            _ = try await generator.next()
            await #expect(throws: AsyncGeneratorError.ignoredExit) { try await generator.aclose() }
            try await #expect(generator.next() == nil)
            try await loop.sleep(for: .seconds(10))
        }
        #expect(yields.count == 3 && loop.asyncGeneratorCount == 0)
        try loop.close()
    }

    // MARK: Generators that nobody has any more

    @Test func aGeneratorThatIsDroppedHalfWayIsClosedByItsLoop_R57() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            weak var handle: AsyncGenerator<Int, Never>?
            do {
                let generator = endless(on: loop, log)
                handle = generator
                try #expect(loop.complete { try await generator.next() } == 1)
            }
            #expect(handle == nil, "the loop holds its generators weakly")
            #expect(loop.asyncGeneratorCount == 1)
            try loop.complete { try await loop.sleep(for: .seconds(2)) }
        }
        #expect(log.entries == ["GeneratorExit, cancelled false"])
    }

    @Test func aGeneratorThatIsDroppedOnTheLoopIsClosed_R57() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            try loop.complete {
                try await #expect(endless(on: loop, log).next() == 1)
                try await loop.sleep(for: .seconds(2))
            }
        }
        #expect(log.count == 1)
    }

    @Test func aGeneratorThatNeverBeganIsJustGone_R57() throws {
        try withVirtualLoop { loop, _ in
            try loop.complete { _ = AsyncGenerator<Int, Never> { _ in Issue.record("the body ran") } }
            try loop.turn(times: 2)
        }
    }

    @Test func anErrorOfABackgroundClosingIsReportedWithTheGenerator_R57() throws {
        let reports = Log<ExceptionReport>()
        try withVirtualLoop { loop, _ in
            loop.exceptionHandler = { reports.append($0) }
            try loop.complete {
                let generator = AsyncGenerator(name: "rows") { yield in
                    do { try await yield(1) } catch { throw Failure() }
                }
                _ = try await generator.next()
            }
            try loop.turn(times: 2)
        }
        let report = try #require(reports.entries.first)
        #expect(reports.count == 1)
        #expect(report.error is Failure && report.generatorName == "rows" && report.taskName == nil)
        #expect(
            "\(report)".hasPrefix(
                "an error occurred during closing of an asynchronous generator [generator rows, made at "
                    + "CorundLoopTests/GeneratorClosingTests.swift:"))
    }

    // MARK: for try await

    @Test func aLoopOverAGeneratorSeesAllElements_R59() throws {
        try withVirtualLoop { loop, _ in
            let elements = try loop.complete {
                var elements: [Int] = []
                for try await element in AsyncGenerator({ yield in for number in 1...3 { try await yield(number) } }) {
                    elements.append(element)
                }
                return elements
            }
            #expect(elements == [1, 2, 3])
        }
    }

    @Test func leavingTheLoopEarlyClosesTheGeneratorThatSomeoneStillHas_R59() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = endless(on: loop, log)
            try loop.complete {
                for try await number in generator where number == 3 { break }
                try await #expect(generator.next() == nil)
                try await loop.sleep(for: .seconds(2))
            }
            #expect(log.count == 1)
            withExtendedLifetime(generator) {}
        }
    }

    @Test func anErrorInTheLoopClosesTheGenerator_R59() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = endless(on: loop, log)
            try loop.complete {
                await #expect(throws: Failure()) { for try await _ in generator { throw Failure() } }
                try await loop.sleep(for: .seconds(2))
            }
            withExtendedLifetime(generator) {}
        }
        #expect(log.count == 1)
    }

    @Test func aLoopThatGoesOnAfterOneThatHasEndedSeesNothing_R59() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in try await yield(1) }
            try loop.complete {
                for try await _ in generator {}
                for try await _ in generator { Issue.record("an element") }
            }
        }
    }

    @Test func aGeneratorOverAGeneratorClosesIt_R59() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let inner = endless(on: loop, log)
            let outer = AsyncGenerator { yield in
                for try await number in inner { try await yield(number * 10) }
            }
            try loop.complete {
                try await #expect(outer.next() == 10)
                try await #expect(outer.next() == 20)
                try await outer.aclose()
                try await loop.sleep(for: .seconds(2))
            }
            withExtendedLifetime(inner) {}
        }
        #expect(log.count == 1)
    }

    // MARK: withClosing

    @Test(arguments: [false, true]) func withClosingWaitsForTheCleanUp_R59(leavesALoop: Bool) throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = endless(on: loop, log)
            try loop.complete {
                let first = try await withClosing(generator) { generator in
                    if !leavesALoop { return try await generator.next() }
                    for try await number in generator { return number }
                    return nil
                }
                #expect(first == 1)
                log.append("closed")
            }
        }
        #expect(log.entries == ["GeneratorExit, cancelled false", "closed"])
    }

    @Test func withClosingClosesWhenItsBodyThrowsAndReportsWhatTheClosingThrows_R59() throws {
        let reports = Log<ExceptionReport>()
        try withVirtualLoop { loop, _ in
            loop.exceptionHandler = { reports.append($0) }
            let generator = AsyncGenerator(name: "rows") { yield in
                do { try await yield(1) } catch { throw AsyncGeneratorError.ignoredExit }
            }
            _ = try loop.complete {
                await #expect(throws: Failure()) {
                    try await withClosing(generator) { generator in
                        _ = try await generator.next()
                        throw Failure()
                    }
                }
            }
        }
        #expect(reports.entries.map(\.generatorName) == ["rows"])
        #expect(reports.entries.first?.error is AsyncGeneratorError)
    }

    @Test func withClosingThrowsWhatTheClosingThrows_R59() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                do { try await yield(1) } catch { throw Failure() }
            }
            _ = try loop.complete {
                await #expect(throws: Failure()) { try await withClosing(generator) { try await $0.next() } }
            }
        }
    }
}
