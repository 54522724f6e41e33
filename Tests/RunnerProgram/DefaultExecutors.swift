import CorundRunner
import Dispatch
import Synchronization

extension RunnerProgram {
    /// Work that names no executor, while a loop is the default and after its close.
    static func defaultExecutor() throws {
        say("installed: \(DefaultExecutor.install())")
        let runner = Runner()
        say("default: \(try runner.loop.becomeDefault())")
        try runner.run { await Task.detached { say("during the run, on the loop: \(EventLoop.running != nil)") }.value }
        try runner.run { try await countTicksOfAGeneratorsSteps() }
        try runner.close()
        let ended = DispatchSemaphore(value: 0)
        Task.detached {
            say("after the close, on the loop: \(EventLoop.running != nil)")
            ended.signal()
        }
        ended.wait()
    }

    private static func countTicksOfAGeneratorsSteps() async throws {
        guard let loop = EventLoop.running else { return }
        let generator = AsyncGenerator<Int, Never> { yield in for number in 0... { try await yield(number) } }
        try await withClosing(generator) { generator in
            _ = try await generator.next()
            let before = loop.tickCount
            for _ in 0..<3 { _ = try await generator.next() }
            say("ticks for steps of a generator that waits for nothing: \(loop.tickCount - before)")
        }
    }

    /// What is left of the default loop's own tasks when it is closed, and one that was only there by default.
    static func leftBehindByTheDefaultLoop() throws {
        say("installed: \(DefaultExecutor.install())")
        let (loop, waiting) = (try EventLoop(), Waiting())
        loop.becomeDefault()
        for _ in 0..<100 {
            try loop.spawn {
                await waiting.wait()
                waiting.wentOn.add(1, ordering: .relaxed)
            }
            try loop.spawn {
                await EventLoop.yield()
                waiting.wentOn.add(1, ordering: .relaxed)
            }
        }
        let guest = Task {
            await waiting.wait()
            return EventLoop.running != nil
        }
        let politeGuest = Task {
            await EventLoop.yield()
            return EventLoop.running != nil
        }
        loop.stop()
        try loop.run()
        try loop.close()
        waiting.end()
        let ended = DispatchSemaphore(value: 0)
        Task {
            say("what was there by default went on, on the loop: \(await guest.value)")
            say("what had given way there, too: \(await politeGuest.value)")
            ended.signal()
        }
        ended.wait()
        say("tasks of the loop that went on: \(waiting.wentOn.load(ordering: .relaxed))")
    }

    private final class Waiting: Sendable {
        let wentOn = Atomic(0)
        private let continuations = Mutex<[UnsafeContinuation<Void, Never>]>([])

        func wait() async {
            await withUnsafeContinuation { continuation in continuations.withLock { $0.append(continuation) } }
        }

        func end() {
            for continuation in continuations.withLock({ $0 }) { continuation.resume() }
        }
    }
}
