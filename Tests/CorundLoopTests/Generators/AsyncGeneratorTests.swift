import TestSupport
import Testing

@testable import CorundLoop

struct AsyncGeneratorTests {
    struct Failure: Error, Equatable {}

    private func numbers(upTo end: Int) -> AsyncGenerator<Int, Never> {
        AsyncGenerator { yield in
            for number in 1...end { try await yield(number) }
        }
    }

    @Test func aGeneratorGivesWhatItsBodyYields_R51() throws {
        try withVirtualLoop { loop, _ in
            let generator = numbers(upTo: 2)
            let elements = try loop.complete {
                var elements: [Int?] = []
                for _ in 1...4 { elements.append(try await generator.next()) }
                return elements
            }
            #expect(elements == [1, 2, nil, nil])
        }
    }

    @Test func theBodyRunsOnlyWhileAConsumerWaits_R51() throws {
        let order = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                for number in 1...2 {
                    order.append("makes \(number)")
                    try await loop.sleep(for: .seconds(1))
                    order.append("yields \(number)")
                    try await yield(number)
                }
                order.append("ends")
            }
            try loop.complete {
                try await loop.sleep(for: .seconds(10))
                order.append("asks")
                while let number = try await generator.next() {
                    order.append("has \(number)")
                    try await loop.sleep(for: .seconds(10))
                    order.append("asks")
                }
            }
        }
        #expect(
            order.entries == [
                "asks", "makes 1", "yields 1", "has 1", "asks", "makes 2", "yields 2", "has 2", "asks", "ends",
            ])
    }

    @Test func yieldReturnsWhatIsSent_R51() throws {
        try withVirtualLoop { loop, _ in
            let echo = AsyncGenerator(of: String.self, receiving: Int.self) { yield in
                var received: Int?
                while true { received = try await yield(received.map(String.init) ?? "nothing") }
            }
            try loop.complete {
                let answers = [
                    try await echo.next(), try await echo.send(1), try await echo.send(2), try await echo.next(),
                ]
                #expect(answers == ["nothing", "1", "2", "nothing"])
                try await echo.aclose()
                try await #expect(echo.send(3) == nil)
            }
        }
    }

    @Test func nothingCanBeSentBeforeTheFirstNext_R51() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator(of: Int.self, receiving: Int.self) { yield in try await yield(1) }
            try loop.complete {
                await #expect(throws: AsyncGeneratorError.notStarted) { try await generator.send(1) }
                try await #expect(generator.next() == 1)
                try await #expect(generator.next() == nil)
            }
        }
    }

    @Test func anErrorOfTheBodyReachesTheConsumerAndEndsTheGenerator_R51() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                try await yield(1)
                throw Failure()
            }
            try loop.complete {
                try await #expect(generator.next() == 1)
                await #expect(throws: Failure()) { try await generator.next() }
                try await #expect(generator.next() == nil)
            }
        }
    }

    @Test func throwingRaisesItsErrorAtThePendingYield_R55() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                do { try await yield(1) } catch is Failure { try await loop.sleep(for: .seconds(1)) }
                try await yield(2)
            }
            try loop.complete {
                try await #expect(generator.next() == 1)
                try await #expect(generator.throwing(Failure()) == 2)
                await #expect(throws: Failure()) { try await generator.throwing(Failure()) }
                try await #expect(generator.throwing(Failure()) == nil)
            }
        }
    }

    @Test func aBodyThatSwallowsARaisedErrorAndEndsGivesNil_R55() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in _ = try? await yield(1) }
            try loop.complete {
                _ = try await generator.next()
                try await #expect(generator.throwing(Failure()) == nil)
            }
        }
    }

    @Test func throwingEndsAGeneratorThatHasNotBegun_R55() throws {
        // It is there for longer than the loop, which it must not keep.
        let generator = AsyncGenerator<Int, Never> { _ in Issue.record("the body ran") }
        try withVirtualLoop { loop, _ in
            try loop.complete {
                await #expect(throws: Failure()) { try await generator.throwing(Failure()) }
                try await #expect(generator.next() == nil)
            }
        }
    }

    enum Operation: CaseIterable {
        case next, send, throwing, aclose

        func perform(on generator: AsyncGenerator<Int, Int>) async throws {
            switch self {
            case .next: _ = try await generator.next()
            case .send: try await generator.send(1)
            case .throwing: try await generator.throwing(Failure())
            case .aclose: try await generator.aclose()
            }
        }
    }

    @Test(arguments: Operation.allCases) func ofTwoOperationsAtOnceTheSecondIsRefused_R56(second: Operation) throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator<Int, Int> { yield in
                try await loop.sleep(for: .seconds(1))
                try await yield(1)
            }
            try loop.complete {
                let first = try loop.spawn { try await generator.next() }
                await EventLoop.yield()
                await #expect(throws: AsyncGeneratorError.alreadyRunning) { try await second.perform(on: generator) }
                try await #expect(first.value == 1)
                try await #expect(generator.next() == nil)
            }
        }
    }

    @Test func nothingCanBeAskedOfAGeneratorThatCleansUpForSomeone_R56() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator<Int, Int> { yield in
                do { try await yield(1) } catch { try await loop.sleep(for: .seconds(1)) }
            }
            try loop.complete {
                _ = try await generator.next()
                let closing = try loop.spawn { try await generator.aclose() }
                await EventLoop.yield()
                for second in [Operation.next, .send, .throwing] {
                    await #expect(throws: AsyncGeneratorError.alreadyRunning) {
                        try await second.perform(on: generator)
                    }
                }
                try await closing.value
            }
        }
    }

    @Test func ofTwoTasksOfABodyThatYieldAtOnceTheSecondIsRefused_R51() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                async let first: Never? = yield(1)
                async let second: Never? = yield(2)
                _ = try await first
                do {
                    _ = try await second
                    Issue.record("both yielded")
                } catch { #expect(error as? AsyncGeneratorError == .yieldOutOfTurn) }
                try await yield(3)
            }
            try loop.complete {
                try await #expect(generator.next() == 1)
                try await #expect(generator.next() == 3)
                try await #expect(generator.next() == nil)
            }
        }
    }

    /// The loop is the first one's way back, when a step takes its turn.
    @Test func ofTwoTasksOfABodyTheSecondMayYieldWhileTheFirstIsOnItsWayBack_R51() throws {
        try withVirtualLoop { loop, _ in
            let refusals = Log<AsyncGeneratorError?>()
            let yields = Log<AsyncGenerator<Int, Never>.Yield>()
            let generator = AsyncGenerator { yield in
                yields.append(yield)
                do { while true { try await yield(1) } } catch { refusals.append(error as? AsyncGeneratorError) }
            }
            try loop.complete {
                for _ in 0...StepBudget.steps { try #expect(await generator.next() == 1) }
                try loop.spawn {
                    do { try await yields.entries[0](2) } catch { refusals.append(error as? AsyncGeneratorError) }
                }
                try #expect(await generator.next() == 2)
                try #expect(await generator.next() == nil)
                for _ in 0..<2 { await EventLoop.yield() }
            }
            #expect(refusals.entries == [.yieldOutOfTurn, .yieldOutOfTurn])
        }
    }

    @Test func aYieldThatOutlivesTheBodyIsLetGo_R51() throws {
        try withVirtualLoop { loop, _ in
            let refusals = Log<AsyncGeneratorError?>()
            let generator = AsyncGenerator { yield in
                try loop.spawn {
                    for _ in 0..<2 {
                        do { try await yield(1) } catch { refusals.append(error as? AsyncGeneratorError) }
                    }
                }
                for _ in 0..<3 { await EventLoop.yield() }
            }
            try loop.complete {
                try await #expect(generator.next() == 1)
                for _ in 0..<4 { await EventLoop.yield() }
                try await #expect(generator.next() == nil)
            }
            #expect(refusals.entries == [.yieldOutOfTurn, .yieldOutOfTurn])
        }
    }

    @Test func aGeneratorNeedsARunningLoop_R52() async {
        let generator = numbers(upTo: 1)
        await #expect(throws: AsyncGeneratorError.noRunningLoop) { try await generator.next() }
        await #expect(throws: AsyncGeneratorError.noRunningLoop) { try await generator.aclose() }
    }

    @Test func aGeneratorBelongsToTheLoopOfItsFirstNext_R52() throws {
        let generator = numbers(upTo: 2)
        try withVirtualLoop { first, _ in
            try #expect(first.complete { try await generator.next() } == 1)
            try withVirtualLoop { second, _ in
                #expect(throws: EventLoopError.wrongThread) { try second.complete { try await generator.next() } }
                #expect(second.asyncGeneratorCount == 0)
            }
            try #expect(first.complete { try await generator.next() } == 2)
            try #expect(first.complete { try await generator.next() } == nil)
        }
        try withVirtualLoop { third, _ in
            try #expect(third.complete { try await generator.next() } == nil)
        }
    }

    @Test func whereAGeneratorIsMadeDoesNotMatter_R52() throws {
        try withVirtualLoop { maker, _ in
            let generator = try maker.complete { numbers(upTo: 1) }
            #expect(maker.asyncGeneratorCount == 0, "nobody has asked yet")
            try withVirtualLoop { user, _ in
                try #expect(user.complete { try await generator.next() } == 1)
                #expect(user.asyncGeneratorCount == 1 && maker.asyncGeneratorCount == 0)
                try #expect(user.complete { try await generator.next() } == nil)
            }
        }
    }

    @Test func aLoopThatIsCurrentAndDoesNotRunIsNotEnough_R52() throws {
        try withLoop { loop in
            loop.makeCurrent()
            defer { EventLoop.unsetCurrent() }
            #expect(throws: AsyncGeneratorError.noRunningLoop) { try GeneratorHome().enter() }
        }
    }

    @Test func theLoopKnowsAGeneratorFromItsFirstNextToItsEnd_R52() throws {
        try withVirtualLoop { loop, _ in
            let generator = numbers(upTo: 1)
            #expect(loop.asyncGeneratorCount == 0)
            try #expect(loop.complete { try await generator.next() } == 1)
            #expect(loop.asyncGeneratorCount == 1)
            try #expect(loop.complete { try await generator.next() } == nil)
            #expect(loop.asyncGeneratorCount == 0)
        }
    }

    @Test func aGeneratorLivesOnOverTheEndOfARunAndIsNoTaskOfTheLoop_R52() throws {
        try withVirtualLoop { loop, _ in
            let generator = numbers(upTo: 2)
            try #expect(loop.complete { try await generator.next() } == 1)
            #expect(loop.taskCount == 0 && loop.asyncGeneratorCount == 1)
            try #expect(loop.complete { try await generator.next() } == 2)
            try loop.complete { try await generator.aclose() }
        }
    }

    @Test func theNameIsTheFunctionThatMakesTheGenerator_R70() {
        #expect(numbers(upTo: 1).name == "numbers(upTo:)")
        #expect(AsyncGenerator<Int, Never>(name: "ticks") { _ in }.name == "ticks")
    }

    @Test func anActorOfTheLoopMayAsk_R51() throws {
        actor Consumer {
            let loop: EventLoop
            nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }
            init(loop: EventLoop) { self.loop = loop }

            func sum(_ generator: AsyncGenerator<Int, Never>) async throws -> Int {
                var sum = try await generator.next() ?? 0
                for try await number in generator { sum += number }
                return sum
            }
        }
        try withVirtualLoop { loop, _ in
            let generator = numbers(upTo: 4)
            let consumer = Consumer(loop: loop)
            try #expect(loop.complete { try await consumer.sum(generator) } == 10)
        }
    }
}
