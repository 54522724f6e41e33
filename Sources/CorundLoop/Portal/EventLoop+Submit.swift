extension EventLoop {
    /// Starts a task on the loop from any thread, as `asyncio.run_coroutine_threadsafe`; wakes the loop if it sleeps.
    ///
    /// What was accepted is never lost: it runs, or whoever waits for it gets ``EventLoopError/closed`` because the loop
    /// was closed before it had ended, or even begun. It makes progress only while the loop runs. From the beginning of
    /// `Runner.close` on nothing is accepted, or that would have no end while others submit.
    ///
    /// - Parameters:
    ///   - name: for people; a number is given when absent.
    ///   - context: what it runs in; a copy of the current context when absent.
    ///   - fileID: where it was submitted, for messages about it.
    ///   - line: where it was submitted, for messages about it.
    ///   - operation: what to do on the loop.
    /// - Returns: a handle to wait for the result with, or to cancel it.
    /// - Throws: ``EventLoopError/closed``.
    @discardableResult
    public func submit<Success: Sendable>(
        name: String? = nil, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ operation: sending @escaping () async throws -> Success
    ) throws -> LoopFuture<Success> {
        let promise = Promise<Success>()
        guard let number = portal.accept(promise) else { throw EventLoopError.closed }
        let record = TaskRecord(
            in: context, name: name ?? "submission-\(number)", fileID: fileID, line: line)
        // SAFETY: the caller sent the operation to us, and the one task that the handle below starts is all that calls it.
        nonisolated(unsafe) let operation = operation
        let entry = Handle { [unowned self] in begin(promise, record, operation) }
        guard push(.handle(entry)) else {
            promise.end(with: .failure(EventLoopError.closed))
            throw EventLoopError.closed
        }
        return LoopFuture(promise, record, of: self)
    }

    /// From now on ``submit(name:context:fileID:line:_:)`` throws ``EventLoopError/closed``; what was accepted goes on.
    package func refuseSubmissions() {
        portal.refuse()
    }

    private func begin<Success: Sendable>(
        _ promise: Promise<Success>, _ record: TaskRecord, _ operation: sending @escaping () async throws -> Success
    ) {
        guard promise.begin() else { return }
        do {
            let task = try start(record) {
                do { promise.end(with: .success(try await operation())) } catch {
                    promise.end(with: .failure(error))
                    throw error
                }
            }
            promise.hasBegun { task.cancel() }
        } catch {
            promise.end(with: .failure(error))
        }
    }
}
