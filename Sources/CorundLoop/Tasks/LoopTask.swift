/// A task that a loop started: what ``EventLoop/spawn(name:context:fileID:line:_:)`` returns, as `asyncio.Task`.
///
/// Letting go of it does not end the task.
public final class LoopTask<Success: Sendable>: Sendable {
    /// For people; not unique.
    public let name: String
    private let task: Task<Success, any Error>

    init(name: String, task: Task<Success, any Error>) {
        self.name = name
        self.task = task
    }

    /// Waits for the task to end; gives its result or throws its error.
    ///
    /// From anywhere.
    public var value: Success {
        get async throws { try await task.value }
    }

    /// Asks the task to end: its next cancellable wait throws `CancellationError`.
    ///
    /// From any thread.
    public func cancel() {
        task.cancel()
    }

    /// Whether ``cancel()`` was called.
    public var isCancelled: Bool { task.isCancelled }
}
