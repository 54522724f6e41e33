// Synchronous tests of asynchronous code, with a runner for each test: Swift Testing makes an instance of the suite for
// each. The runners' time is virtual, so that nobody waits for the pauses, and a test that would hang fails instead.
//
//     swift test --package-path Examples

import CorundRunner
import Testing

/// What is tested: calls `operation` until it does not throw, with a pause after each failure that doubles.
func retrying<Value>(attempts: Int, on loop: EventLoop, _ operation: () async throws -> Value) async throws -> Value {
    for attempt in 0..<(attempts - 1) {
        do { return try await operation() } catch { try await loop.sleep(for: .seconds(1 << attempt)) }
    }
    return try await operation()
}

final class RetryTests {
    struct Unavailable: Error {}

    let runner = Runner(loopFactory: { .virtual() })

    deinit {
        #expect(throws: Never.self) { try runner.close() }
    }

    @Test func theLastAttemptsErrorIsThrown() throws {
        let loop = try runner.loop
        #expect(throws: Unavailable.self) {
            try runner.run { try await retrying(attempts: 3, on: loop) { throw Unavailable() } }
        }
        #expect(loop.now == LoopTime(nanoseconds: 3_000_000_000), "pauses of 1 s and 2 s")
    }

    @Test func aSuccessEndsIt() throws {
        let loop = try runner.loop
        let answer = try runner.run {
            var calls = 0
            return try await retrying(attempts: 10, on: loop) {
                calls += 1
                guard calls == 5 else { throw Unavailable() }
                return 42
            }
        }
        #expect(answer == 42)
        #expect(loop.now == LoopTime(nanoseconds: 15_000_000_000), "pauses of 1, 2, 4 and 8 s")
    }
}
