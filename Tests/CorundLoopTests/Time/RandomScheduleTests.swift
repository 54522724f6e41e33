import Testing

@testable import CorundLoop

struct RandomScheduleTests {
    @Test func aThousandRandomSchedulesKeepTheirPromisesAndRepeat_R72() throws {
        var distinct = Set<[String]>()
        try VirtualTime.forEachSeed(1...1000) { seed in
            let steps = try RandomSchedule.run(seed: seed)
            try #require(try RandomSchedule.run(seed: seed) == steps)
            distinct.insert(steps)
        }
        #expect(distinct.count > 990)
    }

    @Test func theSameScheduleIsRunInManyOrders_R72() throws {
        let orders = try (1...20).map { try RandomSchedule.run(seed: 1, orderSeed: $0) }
        #expect(Set(orders).count > 10)
        #expect(try RandomSchedule.run(seed: 1, orderSeed: nil) == RandomSchedule.run(seed: 1, orderSeed: nil))
    }
}

/// Tasks that sleep, give way, start and cancel each other, and set and cancel timers, by chance: a seed settles what
/// each does and in which order.
///
/// A kind of work that is to be tried too becomes one more ``Move``.
private final class RandomSchedule: @unchecked Sendable {
    // SAFETY: confined to the test's thread, on which its loop runs.

    enum Move: CaseIterable {
        case sleep
        case giveWay
        case callSoon
        case setTimer
        case cancelTimer
        case startTask
        case cancelTask
        case waitForTask
    }

    private let loop: EventLoop
    private var random: SplitMix64
    private var tasks: [LoopTask<Void>] = []
    private var timers: [TimerHandle] = []
    private var steps: [String] = []
    private var running = 0

    private static let mostTasks = 20
    private static let movesOfATask = 6

    private init(loop: EventLoop, seed: UInt64) {
        self.loop = loop
        random = SplitMix64(seed: seed)
    }

    /// What happened, in order.
    static func run(seed: UInt64) throws -> [String] {
        try run(seed: seed, orderSeed: seed)
    }

    static func run(seed: UInt64, orderSeed: UInt64?) throws -> [String] {
        var steps: [String] = []
        try withVirtualLoop(seed: orderSeed) { loop, _ in
            let schedule = RandomSchedule(loop: loop, seed: seed)
            for _ in 0..<3 { try schedule.startTask() }
            // Ends when nothing is left to wait for: then no task may be.
            let end = #expect(throws: DeadlockError.self) { try loop.run() }
            #expect(end?.waiting == [] && schedule.running == 0, "seed \(seed): a task hangs")
            steps = schedule.steps
        }
        return steps
    }

    private func note(_ step: String) {
        steps.append("\(loop.now.nanoseconds) \(step)")
    }

    private func startTask() throws {
        guard tasks.count < Self.mostTasks else { return }
        let number = tasks.count
        tasks.append(try loop.spawn { [self] in try await runTask(number) })
    }

    private func runTask(_ number: Int) async throws {
        running += 1
        defer {
            running -= 1
            note("\(number) ends\(Task.isCancelled ? ", cancelled" : "")")
        }
        for _ in 0..<Self.movesOfATask {
            guard let move = Move.allCases.randomElement(using: &random) else { return }
            note("\(number) \(move)")
            try await make(move, number)
        }
    }

    private func make(_ move: Move, _ number: Int) async throws {
        switch move {
        case .sleep: try await sleep()
        case .giveWay: await EventLoop.yield()
        case .callSoon: try loop.callSoon { [unowned self] in note("callback of \(number)") }
        case .setTimer: try setTimer()
        case .cancelTimer: timers.randomElement(using: &random)?.cancel()
        case .startTask: try startTask()
        case .cancelTask: tasks.randomElement(using: &random)?.cancel()
        // Only an earlier one: two that wait for each other would be a deadlock of the schedule's own.
        case .waitForTask: if number > 0 { try await tasks[Int.random(in: 0..<number, using: &random)].value }
        }
    }

    private func sleep() async throws {
        let deadline = loop.now + .nanoseconds(Int.random(in: 0...20, using: &random))
        let wasCancelled = Task.isCancelled
        do {
            try await loop.sleep(for: deadline.duration(since: loop.now))
            #expect(loop.now == deadline, "woken at \(loop.now.nanoseconds) instead of \(deadline.nanoseconds)")
        } catch {
            #expect(Task.isCancelled && loop.now <= deadline)
            throw error
        }
        #expect(!wasCancelled, "a cancelled task slept")
    }

    private func setTimer() throws {
        let number = timers.count
        let delay = Duration.nanoseconds(Int.random(in: 0...20, using: &random))
        timers.append(
            try loop.callLater(delay) { [unowned self] in
                note("timer \(number)")
                #expect(loop.now == timers[number].deadline && !timers[number].isCancelled)
            })
    }
}
