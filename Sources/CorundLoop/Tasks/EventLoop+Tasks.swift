extension EventLoop {
    /// Starts a task on the loop, as `loop.create_task`.
    ///
    /// It takes its first step in the next tick, and lives on over the end of a `run`; it makes progress only while
    /// the loop runs.
    ///
    /// - Parameters:
    ///   - name: for people; a number is given when absent.
    ///   - context: what it runs in; a copy of the current context when absent.
    ///   - fileID: where the task was made, for messages about it.
    ///   - line: where the task was made, for messages about it.
    ///   - operation: what it does.
    /// - Returns: the task, to wait for or to cancel.
    /// - Throws: ``EventLoopError/closed``.
    @discardableResult
    public func spawn<Success: Sendable>(
        name: String? = nil, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ operation: sending @escaping () async throws -> Success
    ) throws -> LoopTask<Success> {
        let record = TaskRecord(name: name, fileID: fileID, line: line)
        let task = try start(record, in: context ?? Context.current.copy(), operation)
        return LoopTask(record, task, failures: unobservedFailures)
    }

    /// As the other form, and not generic: from another module, that would cost a run of a runner a sixth of its time.
    package func startVoid(
        _ record: TaskRecord, in context: Context, _ operation: sending @escaping () async throws -> Void
    ) throws -> Task<Void, any Error> {
        try start(record, in: context, operation)
    }

    /// Starts and registers a task; the registry forgets it when it has ended.
    package func start<Success: Sendable>(
        _ record: TaskRecord, in context: Context, _ operation: sending @escaping () async throws -> Success
    ) throws -> Task<Success, any Error> {
        try checkUse()
        tasks.insert(record)
        record.parent = Context.entered?.task ?? 0
        // The clock need not be asked again for each of the tasks that a tick makes.
        record.madeAt = isRunning ? tickStartedAt : now
        // SAFETY: the caller sent the operation to us, and the one task below is all that ever calls it; the compiler
        // cannot see that `withValue` runs its closure once.
        nonisolated(unsafe) let operation = operation
        let body: @concurrent @Sendable () async throws -> Success = {
            defer { self.end(record) }
            do { return try await operation() } catch {
                self.note(error, of: record)
                throw error
            }
        }
        let task = Context.$entered.withValue(EnteredContext(context: context, task: record.id)) {
            // On the default loop a preference, even for nothing, would only cost a look-up at each of the task's steps.
            isDefault
                ? Task(name: record.givenName, operation: body)
                : Task(name: record.givenName, executorPreference: self, operation: body)
        }
        record.cancel = { task.cancel() }
        record.identity = TaskIdentity(of: task)
        if let debugRecords { debugRecords.begin(record) }
        return task
    }

    private func note(_ failure: any Error, of record: TaskRecord) {
        record.failure = failure
        guard !(failure is CancellationError), let unobserved = record.note(.failed) else { return }
        report(unobserved)
    }

    private func end(_ record: TaskRecord) {
        tasks.remove(record)
        if let debugRecords { debugRecords.end(record) }
        record.whenEnded?()
    }

    /// Tasks that have not ended.
    package var liveTasks: [TaskRecord] { tasks.live }

    /// How many tasks have not ended.
    public var taskCount: Int { tasks.count }

    /// Cancels every task that has not ended.
    package func cancelAllTasks() {
        for record in tasks.live { record.cancel() }
    }

    /// Runs the loop until all of `tasks`, which live, have ended, `limit` has passed, or someone stops it.
    package func runUntilEnded(_ tasks: [TaskRecord], limit: Duration?) throws {
        var left = tasks.count
        for task in tasks {
            task.whenEnded = { [unowned self] in
                left -= 1
                if left == 0 { stop() }
            }
        }
        let timer = try limit.map { try callLater($0) { [unowned self] in stop() } }
        defer {
            timer?.cancel()
            for task in tasks { task.whenEnded = nil }
        }
        try run()
    }
}
