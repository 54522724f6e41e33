import TestSupport
import Testing

@testable import CorundLoop

struct GeneratorCancellationTests {
    @Test func aConsumerThatIsCancelledWhileItWaitsCancelsTheBody_R51() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                do { try await loop.sleep(for: .seconds(3600)) } catch {
                    log.append("body \(type(of: error))")
                    throw error
                }
                try await yield(1)
            }
            try loop.complete {
                let consumer = try loop.spawn { try await generator.next() }
                try await loop.sleep(for: .seconds(1))
                consumer.cancel()
                await #expect(throws: CancellationError.self) { try await consumer.value }
                #expect(loop.now < LoopTime(nanoseconds: 2_000_000_000))
                try await #expect(generator.next() == nil)
            }
        }
        #expect(log.entries == ["body CancellationError"])
    }

    @Test func aBodyThatCatchesTheCancellationMayStillYield_R51() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                try? await loop.sleep(for: .seconds(3600))
                try await yield(1)
            }
            try loop.complete {
                let consumer = try loop.spawn { try await generator.next() }
                await EventLoop.yield()
                consumer.cancel()
                try await #expect(consumer.value == 1)
                try await generator.aclose()
            }
        }
    }

    @Test func cleanUpAfterACancellationMayWaitInATaskOfItsOwn_R51() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                do { try await yield(try await Self.never(on: loop)) } catch {
                    try await loop.spawn { try await loop.sleep(for: .seconds(5)) }.value
                    log.append("flushed")
                    throw error
                }
            }
            try loop.complete {
                let consumer = try loop.spawn { try await generator.next() }
                await EventLoop.yield()
                consumer.cancel()
                await #expect(throws: CancellationError.self) { try await consumer.value }
                log.append("consumer ended")
            }
        }
        #expect(log.entries == ["flushed", "consumer ended"])
    }

    @Test func aConsumerThatComesCancelledIsRefusedAndTheBodyKnowsNothingOfIt_R53() throws {
        let log = Log<String>()
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                do { for number in 1...9 { try await yield(number) } } catch {
                    try await loop.sleep(for: .seconds(1))
                    log.append("\(type(of: error))")
                }
            }
            try loop.complete {
                let consumer = try loop.spawn {
                    for try await _ in generator { try? await loop.sleep(for: .seconds(3600)) }
                }
                try await loop.sleep(for: .seconds(1))
                consumer.cancel()
                await #expect(throws: CancellationError.self) { try await consumer.value }
                try await generator.aclose()
            }
        }
        #expect(log.entries == ["GeneratorExit"])
    }

    @Test func aCancellationThatComesWithTheElementDoesNotReachTheBody_R53() throws {
        let cancelled = Log<Bool>()
        try withVirtualLoop { loop, _ in
            let consumers = Log<LoopTask<Int?>>()
            let generator = AsyncGenerator { yield in
                consumers.entries.first?.cancel()
                do { try await yield(1) } catch { cancelled.append(Task.isCancelled) }
            }
            try loop.complete {
                let consumer = try loop.spawn { try await generator.next() }
                consumers.append(consumer)
                try await #expect(consumer.value == 1)
                for _ in 0..<2 { await EventLoop.yield() }
                try await generator.aclose()
            }
        }
        #expect(cancelled.entries == [false])
    }

    @Test func aCancellationThatComesWithTheElementDoesNotReachTheBodyInTheNextStep_R53() throws {
        try withVirtualLoop { loop, _ in
            let generator = AsyncGenerator { yield in
                for number in 1...2 {
                    try await loop.sleep(for: .seconds(1))
                    try await yield(number)
                }
            }
            try loop.complete {
                let first = try loop.spawn { try await generator.next() }
                for _ in 0..<3 { await EventLoop.yield() }
                try await loop.sleep(for: .seconds(1))
                // Its element is there, and it has not gone on.
                first.cancel()
                try await #expect(generator.next() == 2)
                try await #expect(first.value == 1)
                try await generator.aclose()
            }
        }
    }

    @Test func aCancellationGoesThroughGeneratorsOfGenerators_R51() throws {
        try withVirtualLoop { loop, _ in
            let inner = AsyncGenerator { yield in try await yield(try await Self.never(on: loop)) }
            let outer = AsyncGenerator { yield in for try await number in inner { try await yield(number) } }
            try loop.complete {
                let consumer = try loop.spawn { try await outer.next() }
                for _ in 0..<5 { await EventLoop.yield() }
                consumer.cancel()
                await #expect(throws: CancellationError.self) { try await consumer.value }
                #expect(loop.asyncGeneratorCount == 0)
            }
        }
    }

    private static func never(on loop: EventLoop) async throws -> Int {
        try await loop.sleep(for: .seconds(3600))
        return 0
    }
}
