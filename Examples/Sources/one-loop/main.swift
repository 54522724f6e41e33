// Two runs in one Runner share a loop and a context; two one-shot runs share nothing.
//
//     swift run --package-path Examples one-loop
//
// Prints:
//
//     one runner, two runs: visits 1 and 2, the same loop: true
//     two one-shot runs: visits 1 and 1, the same loop: false

import CorundRunner

let visits = ContextVariable("visits", default: 0)

/// Counts the visits of the context that it runs in.
func visit() async throws -> (count: Int, loop: EventLoop?) {
    let count = try visits.get() + 1
    visits.set(count)
    return (count, EventLoop.running)
}

let runner = Runner()
let first = try runner.run { try await visit() }
let second = try runner.run { try await visit() }
try runner.close()
print("one runner, two runs: visits \(first.count) and \(second.count), the same loop: \(first.loop === second.loop)")

let third = try Runner.run { try await visit() }
let fourth = try Runner.run { try await visit() }
print("two one-shot runs: visits \(third.count) and \(fourth.count), the same loop: \(third.loop === fourth.loop)")
