import CorundRunner
import TestSupport
import Testing

struct RunnerVirtualTimeTests {
    @Test func anHoursScheduleRunsAtOnce_R72() throws {
        let end = try Runner.run(loopFactory: { .virtual() }) {
            for _ in 0..<60 { try await EventLoop.running?.sleep(for: .seconds(60)) }
            return EventLoop.running?.now
        }
        #expect(end == LoopTime(nanoseconds: 3_600_000_000_000))
    }

    @Test func theSeedIsTheRunnersSeed_R72() throws {
        func winner(seed: UInt64) throws -> Int? {
            let order = Log<Int>()
            try withRunner(Runner(loopFactory: { .virtual(seed: seed) })) { runner in
                let loop = try runner.loop
                #expect(loop.virtualTime?.seed == seed)
                try runner.run {
                    let tasks = try (0..<10).map { number in try loop.spawn { order.append(number) } }
                    for task in tasks { try await task.value }
                }
            }
            return order.entries.first
        }
        let winners = try (0..<40).map(winner)
        #expect(try (0..<40).map(winner) == winners)
        #expect(Set(winners).count > 5)
    }

    @Test func theCloseOfARunnerInVirtualTimeWaitsForThePool_R72() throws {
        let reports = Log<String>()
        let runner = Runner(loopFactory: { .virtual() })
        try withRunner(runner) { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { reports.append($0.description) }
            for number in 0..<8 { try loop.spawn { _ = try await loop.runBlocking { number } } }
            let value = try runner.run { try await loop.runBlocking { 42 } }
            #expect(value == 42 && loop.now.nanoseconds == 0)
        }
        #expect(reports.entries.isEmpty, "no thread is left behind")
    }

    @Test func aBodyThatWaitsForWhatNeverComesIsTold_R72() throws {
        let runner = Runner(loopFactory: { .virtual() })
        let error = #expect(throws: DeadlockError.self) {
            try runner.run {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        }
        let main = try #require(error?.waiting.first)
        #expect(main.name == "main" && main.createdAt.hasPrefix("CorundRunnerTests/RunnerVirtualTimeTests.swift:"))
        #expect(throws: DeadlockError.self, "it cannot be cancelled either") { try runner.close() }
    }
}
