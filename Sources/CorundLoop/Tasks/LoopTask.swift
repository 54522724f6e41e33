/// A task that a loop started: what ``EventLoop/spawn(name:context:fileID:line:_:)`` returns, as `asyncio.Task`.
///
/// Letting go of it does not end the task. But if nobody has asked for its ``value`` by then, and it ends in an error other
/// than `CancellationError`, that goes to the loop's exception handler; to the default one when the loop is closed.
public final class LoopTask<Success: Sendable>: Sendable {
    private let record: TaskRecord
    private let task: Task<Success, any Error>
    private let failures: UnobservedFailures

    @usableFromInline
    init(_ record: TaskRecord, _ task: Task<Success, any Error>, failures: UnobservedFailures) {
        self.record = record
        self.task = task
        self.failures = failures
    }

    deinit {
        if let report = record.note(.handleGone) { failures.add(report) }
    }

    /// For people; not unique.
    public var name: String { record.name }

    /// Waits for the task to end; gives its result or throws its error.
    ///
    /// From anywhere.
    public var value: Success {
        get async throws {
            do { return try await task.value } catch {
                _ = record.note(.observed)
                throw error
            }
        }
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
