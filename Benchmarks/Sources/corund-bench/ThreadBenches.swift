import CorundRunner
import Dispatch

/// From another thread onto the loop and back to that thread.
func benchHop() throws -> Figures {
    try Runner.with { runner in
        let seconds = try runner.run {
            guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
            return try await loop.runBlocking {
                let answered = DispatchSemaphore(value: 0)
                return try perCall(budget: 0.4) {
                    try loop.callSoonThreadSafe { answered.signal() }
                    answered.wait()
                }
            }
        }
        return [("hop_us", seconds * 1e6)]
    }
}

/// From the loop to a thread of the blocking pool and back.
func benchBlocking() throws -> Figures {
    try Runner.with { runner in
        let seconds = try runner.run {
            guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
            return try await perCall(budget: 0.4) { try await loop.runBlocking {} }
        }
        return [("blocking_us", seconds * 1e6)]
    }
}
