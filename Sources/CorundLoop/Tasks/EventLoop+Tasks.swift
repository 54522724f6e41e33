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
    @inlinable
    public func spawn<Success: Sendable>(
        name: String? = nil, context: Context? = nil, fileID: StaticString = #fileID, line: UInt = #line,
        _ operation: sending @escaping () async throws -> Success
    ) throws -> LoopTask<Success> {
        let record = TaskRecord(in: context, name: name, fileID: fileID, line: line)
        return LoopTask(record, try start(record, operation), failures: unobservedFailures)
    }

    /// Starts and registers a task; the registry forgets it when it has ended.
    ///
    /// (Inlinable, so that it is compiled for the caller's type of result, which otherwise is looked up again and again at
    /// run time. What does not depend on the type is in functions of its own.)
    @inlinable
    package func start<Success: Sendable>(
        _ record: TaskRecord, _ operation: sending @escaping () async throws -> Success
    ) throws -> Task<Success, any Error> {
        // SAFETY: the caller sent the operation to us, and the one task below is all that ever calls it.
        nonisolated(unsafe) let operation = operation
        return try makeTask(record) {
            defer { self.end(record) }
            do { return try await Context.place.withValue(record, operation: operation) } catch {
                throw self.noting(error, of: record)
            }
        }
    }

    /// As the other form, for a result that is handed over on the loop instead of being the task's.
    ///
    /// (One closure that calls both would be an object, a frame and a look for the executor more for each task.)
    @inlinable
    package func start<Result>(
        _ record: TaskRecord, _ operation: sending @escaping () async throws -> Result,
        _ receive: sending @escaping (Result) -> Void
    ) throws {
        // SAFETY: as above, of both.
        nonisolated(unsafe) let operation = operation
        nonisolated(unsafe) let receive = receive
        _ = try makeTask(record) {
            defer { self.end(record) }
            do { receive(try await Context.place.withValue(record, operation: operation)) } catch {
                throw self.noting(error, of: record)
            }
        }
    }

    @inlinable
    func makeTask<Success: Sendable>(
        _ record: TaskRecord, _ body: @escaping @concurrent @Sendable () async throws -> Success
    ) throws -> Task<Success, any Error> {
        try willStart(record)
        // On the default loop a preference, even for nothing, would only cost a look-up at each of the task's steps.
        let task =
            isDefault
            ? Task(name: record.givenName, operation: body)
            : Task(name: record.givenName, executorPreference: self, operation: body)
        didStart(record, ErasedTask(task))
        return task
    }

    @usableFromInline
    func willStart(_ record: TaskRecord) throws {
        try checkUse()
        tasks.insert(record)
        // What a runner starts, it starts from outside of all tasks.
        if record.role == .task { record.parent = Context.entered.task }
        // The clock need not be asked again for each of the tasks that a tick makes.
        record.madeAt = isRunning ? tickStartedAt : now
    }

    @usableFromInline
    func didStart(_ record: TaskRecord, _ task: ErasedTask) {
        record.swiftTask = task
        if let debugRecords { debugRecords.begin(record) }
    }

    /// The failure, which the record has then; reported where nobody will ask for it.
    @usableFromInline
    func noting(_ failure: any Error, of record: TaskRecord) -> any Error {
        record.failure = failure
        if !(failure is CancellationError), let unobserved = record.note(.failed) { report(unobserved) }
        return failure
    }

    @usableFromInline
    func end(_ record: TaskRecord) {
        tasks.remove(record)
        if let debugRecords { debugRecords.end(record) }
        // Tasks that this one made inherit its place, the record: it must not keep what has ended.
        record.swiftTask = nil
        guard record.isAwaited else { return }
        awaitedTasks -= 1
        if awaitedTasks == 0 { stop() }
    }

    /// Tasks that have not ended.
    package var liveTasks: [TaskRecord] { tasks.live }

    /// How many tasks have not ended.
    public var taskCount: Int { tasks.count }

    /// Cancels every task that has not ended.
    package func cancelAllTasks() {
        for record in tasks.live { record.cancel() }
    }

    /// Runs the loop until `record`'s task has ended or someone stops the loop.
    ///
    /// `start` starts the task, on the loop. (One that is started before would come in as from another thread.)
    ///
    /// - Throws: as ``run()``.
    package func run(_ record: TaskRecord, _ start: () throws -> Void) throws {
        record.isAwaited = true
        defer { record.isAwaited = false }
        try run(awaiting: 1, start)
    }

    /// Runs the loop until all of `tasks`, which live, have ended, `limit` has passed, or someone stops it.
    package func runUntilEnded(_ tasks: [TaskRecord], limit: Duration?) throws {
        let timer = try limit.map { try callLater($0) { [unowned self] in stop() } }
        for task in tasks { task.isAwaited = true }
        defer {
            timer?.cancel()
            for task in tasks { task.isAwaited = false }
        }
        try run(awaiting: tasks.count) {}
    }
}
