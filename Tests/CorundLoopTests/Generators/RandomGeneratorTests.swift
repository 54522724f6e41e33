import Testing

@testable import CorundLoop

struct RandomGeneratorTests {
    @Test func whateverIsDoneToGeneratorsTheirBodiesKeepStepAndEnd_R51() throws {
        var steps = Set<[String]>()
        try VirtualTime.forEachSeed(1...500) { seed in steps.insert(try RandomGenerators.run(seed: seed)) }
        #expect(steps.count > 490)
    }
}

/// Tasks that ask generators for elements, raise errors in them, close them, leave loops over them, drop them, and cancel
/// each other, by chance: a seed settles what each does and in which order.
private final class RandomGenerators: @unchecked Sendable {
    // SAFETY: confined to the test's thread, on which its loop runs.

    enum Move: CaseIterable {
        case next, throwing, aclose, iterate, drop, cancelTask, sleep
    }

    struct Raised: Error {}
    struct CleanUpFailed: Error {}

    private let loop: EventLoop
    private var random: SplitMix64
    private var generators: [AsyncGenerator<Int, Never>?] = []
    private var tasks: [LoopTask<Void>] = []
    /// Who is inside of an operation, for each generator.
    private var waiting: [Int]
    private var begun = 0
    private var ended = 0
    private var steps: [String] = []

    private init(loop: EventLoop, seed: UInt64) {
        self.loop = loop
        random = SplitMix64(seed: seed)
        waiting = Array(repeating: 0, count: 3)
        generators = waiting.indices.map { number in
            AsyncGenerator { [self] yield in try await body(of: number, yield) }
        }
    }

    static func run(seed: UInt64) throws -> [String] {
        var steps: [String] = []
        try withVirtualLoop(seed: seed) { loop, _ in
            loop.exceptionHandler = { #expect($0.error is CleanUpFailed) }
            let test = RandomGenerators(loop: loop, seed: seed)
            try loop.complete { [test] in
                test.tasks = try (0..<4).map { number in try loop.spawn { try await test.runTask(number) } }
                for task in test.tasks { _ = try? await task.value }
                try await loop.shutdownAsyncGenerators()
            }
            #expect(test.begun == test.ended, "seed \(seed): a body has not ended")
            test.generators = []
            steps = test.steps
        }
        return steps
    }

    private func chance(of percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private func sleep() async throws {
        try await loop.sleep(for: .nanoseconds(Int.random(in: 0...20, using: &random)))
    }

    // MARK: Bodies

    private func body(of number: Int, _ yield: AsyncGenerator<Int, Never>.Yield) async throws {
        begun += 1
        defer { ended += 1 }
        for element in 0..<5 {
            do {
                expectConsumer(of: number)
                if chance(of: 50) { try await sleep() }
                expectConsumer(of: number)
                try await yield(element)
            } catch is Raised {
                steps.append("\(number) goes on")
            } catch is GeneratorExit {
                if chance(of: 50) { try await sleep() }
                steps.append("\(number) cleaned up")
                throw CleanUpFailed()
            }
        }
    }

    private func expectConsumer(of number: Int) {
        #expect(waiting[number] > 0, "the body runs, and nobody waits")
    }

    // MARK: Consumers

    private func runTask(_ number: Int) async throws {
        for _ in 0..<6 {
            let move = Move.allCases[Int.random(in: 0..<Move.allCases.count, using: &random)]
            let target = Int.random(in: generators.indices, using: &random)
            steps.append("\(number) \(move) \(target)")
            do { try await make(move, target) } catch {
                steps.append("\(number) \(error)")
                if error is CancellationError { throw error }
            }
        }
    }

    private func make(_ move: Move, _ target: Int) async throws {
        switch move {
        case .sleep: try await sleep()
        case .cancelTask: if chance(of: 25) { tasks.randomElement(using: &random)?.cancel() }
        case .drop: if chance(of: 25) { generators[target] = nil }
        case .next, .throwing, .aclose, .iterate: try await use(target, move)
        }
    }

    private func use(_ target: Int, _ move: Move) async throws {
        guard let generator = generators[target] else { return }
        waiting[target] += 1
        defer { waiting[target] -= 1 }
        switch move {
        case .next: _ = try await generator.next()
        case .throwing: try await generator.throwing(Raised())
        case .aclose: try await generator.aclose()
        default: for try await element in generator where element == 2 || chance(of: 20) { break }
        }
    }
}
