extension EventLoop {
    /// Suspends its caller, who is on the loop, until the continuation that `begin` is given is resumed.
    ///
    /// `begin` runs where the caller is, also inside of an actor whose code runs on the loop's thread, such as the main one.
    /// (What `withTaskCancellationHandler` is given runs on no actor, and by itself would be sent to Swift's threads from
    /// there.)
    ///
    /// - Parameters:
    ///   - isolation: the caller's.
    ///   - begin: to be told at once, or to keep for later.
    ///   - onCancel: called when the task is cancelled, on the canceller's thread, perhaps before `begin`.
    /// - Returns: what the continuation is resumed with.
    /// - Throws: as that; ``EventLoopError/wrongThread``, of a task that prefers another executor: optimised code may take it
    ///   there as late as here.
    package func cancellableWait<Value: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ begin: (UnsafeContinuation<Value, any Error>) -> Void,
        onCancel: @Sendable () -> Void
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            _ = isolation  // a closure that captures it belongs there, too
            return try await withUnsafeThrowingContinuation { continuation in
                guard isOnItsThread else { return continuation.resume(throwing: EventLoopError.wrongThread) }
                begin(continuation)
            }
        } onCancel: {
            onCancel()
        }
    }
}
