import TestSupport
import Testing

@testable import CorundLoop

/// How a step of a generator is made: at once where the body waits for nothing, as a call of its consumer.
struct GeneratorStepTests {
    private func counter() -> AsyncGenerator<Int, Never> {
        AsyncGenerator { yield in
            var number = 0
            while true {
                try await yield(number)
                number += 1
            }
        }
    }

    @Test func aBodyThatWaitsForNothingIsNotWaitedFor_R51() throws {
        try withVirtualLoop { loop, _ in
            let generator = counter()
            try loop.complete {
                _ = try await generator.next()
                let tick = loop.tickCount
                for number in 1...10 { try #expect(await generator.next() == number) }
                #expect(loop.tickCount == tick)
                try await generator.aclose()
            }
        }
    }

    @Test func howeverManyStepsFollowOneAnotherTheRestOfTheLoopHasItsTurn_R38() throws {
        try withVirtualLoop { loop, _ in
            let generator = counter()
            try loop.complete {
                _ = try await generator.next()
                var isTurn = false
                try loop.callSoon { isTurn = true }
                var steps = 0
                while !isTurn, steps < 10 * StepBudget.steps {
                    _ = try await generator.next()
                    steps += 1
                }
                #expect(isTurn && steps == StepBudget.steps + 1)
                try await generator.aclose()
            }
        }
    }

    @Test func howeverManyGeneratorsAPieceOfATaskAsksItHasOneBudget_R38() throws {
        try withVirtualLoop { loop, _ in
            let generators = (0..<10).map { _ in counter() }
            try loop.complete {
                for generator in generators { _ = try await generator.next() }
                let tick = loop.tickCount
                for _ in 0..<StepBudget.steps / 5 {
                    for generator in generators { _ = try await generator.next() }
                }
                #expect(loop.tickCount > tick)
                try await loop.shutdownAsyncGenerators()
            }
        }
    }

    @Test func aBudgetIsThatOfOnePiece_R38() {
        var budget = StepBudget()
        for (tick, number) in [(0, 0), (0, 1), (7, 1)] {
            let piece = StepBudget.Piece(tick: UInt64(tick), number: number)
            let answers = (0..<StepBudget.steps + 2).map { _ in budget.takeStep(in: piece) }
            #expect(answers == Array(repeating: true, count: StepBudget.steps) + [false, false])
        }
    }

    @Test func aBodyThatWaitsIsWaitedFor_R51() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator<Int, Never> { yield in
                for number in 0..<10 {
                    if number % 3 == 2 { try await loop.sleep(for: .seconds(1)) }
                    if number % 3 == 1 { await EventLoop.yield() }
                    try await yield(number)
                }
            }
            try loop.complete {
                var numbers: [Int] = []
                for try await number in generator { numbers.append(number) }
                #expect(numbers == Array(0..<10))
            }
        }
    }

    /// Each level's step is inside of the next one's, on one stack.
    @Test func generatorsOfGeneratorsMayBeStackedAsHighAsPeopleLike_R51() throws {
        try withVirtualLoop { loop, _ in
            var top = counter()
            for _ in 0..<20_000 {
                top = AsyncGenerator { [top] yield in
                    for try await number in top { try await yield(number + 1) }
                }
            }
            let generator = top
            try loop.complete {
                for number in 0..<3 { try #expect(await generator.next() == 20_000 + number) }
                try await loop.shutdownAsyncGenerators()
            }
        }
    }

    @Test func afterAStepTheConsumerIsTheCurrentTaskAgain_R51() throws {
        enum Names { @TaskLocal static var current = "nobody" }
        try withVirtualLoop { loop, _ in
            let identities = Log<Int>()
            let generator = AsyncGenerator<String, Never> { yield in
                while true {
                    identities.append(withUnsafeCurrentTask { $0.hashValue })
                    try await yield(Names.current)
                }
            }
            try loop.complete {
                _ = try await generator.next()
                try await Names.$current.withValue("consumer") {
                    let own = withUnsafeCurrentTask { $0.hashValue }
                    try #expect(await generator.next() == "nobody")
                    #expect(withUnsafeCurrentTask { $0.hashValue } == own && Names.current == "consumer")
                    #expect(Set(identities.entries).count == 1 && !identities.entries.contains(own))
                }
                try await generator.aclose()
            }
        }
    }

    @Test func aConsumerThatItsBodyCancelsStillGetsTheElement_R53() throws {
        try withVirtualLoop { loop, _ in
            let consumer = Log<LoopTask<Void>>()
            let generator = AsyncGenerator<Int, Never> { yield in
                try await yield(1)
                consumer.entries[0].cancel()
                try await yield(2)
                Issue.record("the body goes on for a consumer that comes cancelled")
            }
            try loop.complete {
                let task = try loop.spawn {
                    try #expect(await generator.next() == 1)
                    try #expect(await generator.next() == 2)
                    await #expect(throws: CancellationError.self) { try await generator.next() }
                }
                consumer.append(task)
                try await task.value
                try await generator.aclose()
            }
        }
    }

    @Test func aBodyMayCallTheActorThatAsks_R51() throws {
        actor Consumer {
            let loop: EventLoop
            private var asked = 0
            nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }
            init(loop: EventLoop) { self.loop = loop }

            func count() -> Int { asked }

            func sum(_ generator: AsyncGenerator<Int, Never>) async throws -> Int {
                var sum = 0
                for _ in 0..<5 {
                    asked += 1
                    sum += try await generator.next() ?? 0
                }
                try await generator.aclose()
                return sum
            }
        }
        try withVirtualLoop { loop, _ in
            let consumer = Consumer(loop: loop)
            let generator = AsyncGenerator<Int, Never> { yield in while true { try await yield(consumer.count()) } }
            try #expect(loop.complete { try await consumer.sum(generator) } == 15)
        }
    }

    @Test func aSeedMakesSomeStepsAtOnceAndOthersInTurn_R38() throws {
        var ticks = Set<UInt64>()
        for seed: UInt64 in 1...20 {
            try withVirtualLoop(seed: seed) { loop, _ in
                let generator = counter()
                try loop.complete {
                    for number in 0..<20 { try #expect(await generator.next() == number) }
                    try await generator.aclose()
                }
                ticks.insert(loop.tickCount)
            }
        }
        #expect(ticks.count > 5)
    }

    @Test func aGeneratorThatOutlivesItsLoopDoesNotKeepIt_R57() throws {
        let closed = counter()
        let leftOver = counter()
        // It looks whether the loop goes.
        try withVirtualLoop { loop, _ in
            try loop.complete {
                for generator in [closed, leftOver] { for _ in 0..<2 { _ = try await generator.next() } }
                try await closed.aclose()
                try await loop.shutdownAsyncGenerators()
            }
        }
        withExtendedLifetime((closed, leftOver)) {}
    }
}
