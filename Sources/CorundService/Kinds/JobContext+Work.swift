public import CorundLoop

extension JobContext {
    /// The context that the handler runs in.
    public var context: Context { Context.current }

    /// When the attempt's time is up and it is cancelled; nil when it has no limit.
    public var deadline: LoopTime? {
        execution.timeoutMilliseconds.map { execution.startedAt + .milliseconds($0) }
    }

    /// Runs something that blocks on the loop's pool of threads, while the loop goes on.
    ///
    /// A cancelled job's work is not begun if it still waits for a thread; once it has begun, it is waited for.
    ///
    /// - Throws: what `body` throws; `CancellationError`; `BlockingPoolError` when the pool has been shut down;
    ///   `EventLoopError.wrongThread` elsewhere than on the loop.
    public func runBlocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await checkedLoop.runBlocking(body)
    }

    /// Starts a coroutine beside the handler, in the same context, that does not outlive the job.
    ///
    /// When the job is cancelled, or its handler returns or throws, what is left of its children is cancelled; the job
    /// has ended when they have.
    ///
    /// - Parameters:
    ///   - name: for people; a number is given when absent.
    ///   - fileID: where the child was made, for messages about it.
    ///   - line: where the child was made, for messages about it.
    ///   - operation: what it does.
    /// - Returns: the child, to wait for or to cancel.
    /// - Throws: `CancellationError` when the job was cancelled, or has ended; `EventLoopError`.
    @discardableResult
    public func spawn<Success: Sendable>(
        name: String? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ operation: sending @escaping () async throws -> Success
    ) throws -> LoopTask<Success> {
        try Task.checkCancellation()
        let loop = try checkedLoop
        guard !execution.machine.hasEnded else { throw CancellationError() }
        let children = execution.children ?? JobChildren()
        execution.children = children
        // SAFETY: the caller sent the operation to us, and the one task below is all that ever calls it.
        nonisolated(unsafe) let operation = operation
        return try children.add { didEnd in
            try loop.spawn(name: name, context: context, fileID: fileID, line: line) {
                defer { didEnd() }
                return try await operation()
            }
        }
    }

    /// Runs clean-up that the job's cancellation does not reach: what it waits for does not throw `CancellationError`.
    ///
    /// The grace of a cancelled job goes on meanwhile, and the daemon's end does not wait for longer than that.
    ///
    /// - Throws: what `operation` throws; `EventLoopError.wrongThread` elsewhere than on the loop.
    public func withShield<Value: Sendable>(
        _ operation: sending @escaping () async throws -> Value
    ) async throws -> Value {
        try await checkedLoop.spawn(name: "shield of \(execution.label)", context: context, operation).value
    }

    private var checkedLoop: EventLoop {
        get throws {
            guard loop.isOnItsThread else { throw EventLoopError.wrongThread }
            return loop
        }
    }
}
