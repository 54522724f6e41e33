import CorundRunner

/// A loop for a test's body.
enum TestLoop {
    /// Runs `body` on a loop of its own; what hangs is stopped and left behind, and fails.
    static func run(_ body: @escaping @Sendable (EventLoop) async throws -> Void) throws {
        let runner = Runner()
        let loop = try runner.loop
        let limit = try loop.callLater(.seconds(Happenings.patience)) { loop.stop() }
        let result = Result { try runner.run { try await body(loop) } }
        limit.cancel()
        try runner.close(taskTimeout: .seconds(1))
        try result.get()
    }
}
