import CorundRunner
import Dispatch

/// A run of a trivial function on a loop that is kept.
func benchRun() throws -> Figures {
    try Runner.with { runner in
        let trivial = try perCall { _ = try runner.run { 1 } }
        let yielding = try perCall {
            _ = try runner.run {
                await EventLoop.yield()
                return 1
            }
        }
        return [("run_ns", trivial * 1e9), ("run_yield_ns", yielding * 1e9)]
    }
}

/// Make a loop, run a trivial function, close the loop.
func benchCreate() throws -> Figures {
    let once = try perCall(batch: 20) { _ = try Runner.run { 1 } }
    return [("create_us", once * 1e6)]
}

/// The same two on a thread that is not the main one: a run has neither SIGINT to handle there nor the main actor to serve.
func benchThread() throws -> Figures {
    // SAFETY: written by the one block, and read after it has ended.
    nonisolated(unsafe) var figures: Result<Figures, any Error> = .success([])
    let ended = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
        figures = Result { try benchRun() + benchCreate() }
        ended.signal()
    }
    ended.wait()
    return try figures.get().map { ("thread_\($0.name)", $0.value) }
}

/// Tasks that each give way once, spawned, then awaited.
func benchSpawn() throws -> Figures {
    try Runner.with { runner in
        try runner.run { try await spawnMany() }  // a loop that is kept has been here before
        let start = now()
        try runner.run { try await spawnMany() }
        return [("spawn_per_s", Double(many) / (now() - start))]
    }
}

private func spawnMany() async throws {
    guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
    let tasks = try (0..<many).map { _ in
        try loop.spawn {
            await EventLoop.yield()
            return 1
        }
    }
    var sum = 0
    for task in tasks { sum += try await task.value }
    precondition(sum == many)
}
