import CorundRunner
import Dispatch
import Glibc
import Synchronization

extension RunnerProgram {
    /// Work that names no executor, while a loop is the default and after its close.
    static func defaultExecutor() throws {
        say("installed: \(DefaultExecutor.install())")
        let runner = Runner()
        say("default: \(try runner.loop.becomeDefault())")
        try runner.run { await Task.detached { say("during the run, on the loop: \(EventLoop.running != nil)") }.value }
        try runner.close()
        let ended = DispatchSemaphore(value: 0)
        Task.detached {
            say("after the close, on the loop: \(EventLoop.running != nil)")
            ended.signal()
        }
        ended.wait()
    }

    /// Tasks of the default loop that are left when it is closed: they go on on Swift's own threads.
    static func leftBehindByTheDefaultLoop() throws {
        say("installed: \(DefaultExecutor.install())")
        let counts = try (0..<100).map { _ in try countAfterTheEnd(ofTasksLeftBehind: 100) }
        say("still counted: \(Set(counts))")
        try leaveAFailureBehind()
    }

    private final class Waiting: Sendable {
        private let continuations = Mutex<[UnsafeContinuation<Void, Never>]>([])

        func wait() async {
            await withUnsafeContinuation { continuation in continuations.withLock { $0.append(continuation) } }
        }

        func end() {
            for continuation in continuations.withLock({ $0 }) { continuation.resume() }
        }
    }

    private static func countAfterTheEnd(ofTasksLeftBehind count: Int) throws -> Int {
        let (loop, waiting) = (try EventLoop(), Waiting())
        loop.becomeDefault()
        let tasks = try (0..<count).map { _ in try loop.spawn { await waiting.wait() } }
        try closeAfterATurn(loop)
        waiting.end()
        let ended = DispatchSemaphore(value: 0)
        Task.detached {
            for task in tasks { try? await task.value }
            ended.signal()
        }
        ended.wait()
        return loop.taskCount
    }

    /// What nobody will ask for is told on standard error, which is made the standard output.
    private static func leaveAFailureBehind() throws {
        dup2(STDOUT_FILENO, STDERR_FILENO)
        let (loop, waiting) = (try EventLoop(), Waiting())
        loop.becomeDefault()
        loop.exceptionHandler = { _ in say("the handler of a closed loop was called") }
        try loop.spawn(name: "late", fileID: "a", line: 1) {
            await waiting.wait()
            throw RunnerError.closed
        }
        try closeAfterATurn(loop)
        waiting.end()
        _ = readLine()
    }

    private static func closeAfterATurn(_ loop: EventLoop) throws {
        loop.stop()
        try loop.run()
        try loop.close()
    }
}
