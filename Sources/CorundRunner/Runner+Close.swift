import CorundLoop

extension Runner {
    /// Ends what is left, in an order that is always the same, as `Runner.close`.
    ///
    /// The loop's tasks are cancelled and awaited; its asynchronous generators are closed; its blocking pool is shut
    /// down; the thread's current loop is unset; the loop is closed. Does nothing on a runner that has built nothing or
    /// is closed. A task or a generator that ends in an error other than `CancellationError` is reported to the loop's
    /// exception handler. Interrupts that come meanwhile change nothing, where the last run handled them.
    ///
    /// - Parameters:
    ///   - taskTimeout: how long to wait for cancelled tasks, those that wait for a blocking closure among them; one that is
    ///     still there then is reported by name and left behind. nil: without limit.
    ///   - generatorTimeout: how long to wait for the clean-up of generators; one that is still at it then is reported by
    ///     name and left behind. nil: without limit.
    ///   - poolTimeout: how long to wait for the threads of the blocking pool; those that are busy then are left behind,
    ///     with a report. nil: without limit.
    /// - Throws: ``RunnerError/closeWhileRunning`` or ``BlockingPoolError/timeoutNotPositive``, without closing; what a
    ///   step throws, after all have been done.
    public func close(
        taskTimeout: Duration? = nil, generatorTimeout: Duration? = nil, poolTimeout: Duration? = .seconds(300)
    ) throws {
        guard case .open(let loop, let context) = state else { return }
        guard EventLoop.running == nil else { throw RunnerError.closeWhileRunning }
        if let poolTimeout, poolTimeout <= .zero { throw BlockingPoolError.timeoutNotPositive }
        // One that cannot be had is no reason not to close.
        let hold = try? InterruptHold.take(wanted: handlingInterrupts)
        defer { hold?.release() }
        state = .closed
        interrupts = nil
        loop.refuseSubmissions()
        let endTasksAndGenerators = { [self] in
            try self.endTasksAndGenerators(of: loop, context, within: taskTimeout, generatorTimeout)
        }
        let tasksAndGeneratorsEnded = Result(catching: endTasksAndGenerators)
        let poolEnded = Result { try endBlockingPool(of: loop, context, within: poolTimeout) }
        // The loop has run meanwhile: what other threads called on it may have started more.
        let restEnded = Result(catching: endTasksAndGenerators)
        if loopFactory == nil { EventLoop.unsetCurrent() }
        try loop.close()
        try tasksAndGeneratorsEnded.get()
        try poolEnded.get()
        try restEnded.get()
    }

    /// The clean-up of generators may start tasks, and so on, until none is left.
    private func endTasksAndGenerators(
        of loop: EventLoop, _ context: Context, within taskTimeout: Duration?, _ generatorTimeout: Duration?
    ) throws {
        repeat {
            let tasksEnded = Result { try endTasks(of: loop, within: taskTimeout) }
            let generatorsEnded = Result { try endGenerators(of: loop, context, within: generatorTimeout) }
            try tasksEnded.get()
            try generatorsEnded.get()
        } while !loop.tasksToEnd.isEmpty
    }

    /// Tasks that were started meanwhile are cancelled too, until none is left.
    private func endTasks(of loop: EventLoop, within timeout: Duration?) throws {
        let deadline = timeout.map { loop.now + $0 }
        while case let ending = loop.tasksToEnd, !ending.isEmpty {
            for task in ending { task.claimFailure() }
            loop.cancelAllTasks()
            try loop.runUntilEnded(ending, limit: deadline.map { $0.duration(since: loop.now) })
            for task in ending { loop.reportFailureAtShutdown(of: task) }
            if let deadline, loop.now >= deadline {
                return loop.tasksToEnd.forEach(loop.giveUp)
            }
        }
    }

    private func endGenerators(of loop: EventLoop, _ context: Context, within timeout: Duration?) throws {
        guard loop.beginGeneratorShutdown() else { return }
        try end(on: loop, context) { try await loop.shutdownAsyncGenerators(timeout: timeout) }
    }

    private func endBlockingPool(of loop: EventLoop, _ context: Context, within timeout: Duration?) throws {
        guard loop.blockingPoolCounts.threads > 0 else { return }
        try end(on: loop, context) { try await loop.shutdownBlockingPool(timeout: timeout) }
    }

    /// Runs the loop until `step` has ended, also when someone stops the loop on the way.
    private func end(on loop: EventLoop, _ context: Context, _ step: sending @escaping () async throws -> Void) throws {
        let task = TaskRecord(in: context, role: .shutdown)
        // SAFETY: the closure is called once.
        nonisolated(unsafe) let step = step
        try loop.run(task) { _ = try loop.start(task, step) }
        while task.isLive { try loop.runUntilEnded([task], limit: nil) }
        if let failure = task.failure { throw failure }
    }
}

extension EventLoop {
    fileprivate func reportFailureAtShutdown(of task: TaskRecord) {
        guard let failure = task.failure, !(failure is CancellationError) else { return }
        report(
            ExceptionReport(
                message: "unhandled error during Runner shutdown", error: failure, taskName: task.name,
                createdAt: task.createdAt))
    }

    /// The tasks that a close still waits for.
    fileprivate var tasksToEnd: [TaskRecord] {
        taskCount == 0 ? [] : liveTasks.filter { !$0.isGivenUp }
    }

    fileprivate func giveUp(_ task: TaskRecord) {
        task.isGivenUp = true
        report(
            ExceptionReport(
                message: "a task ignored its cancellation and was left behind", taskName: task.name,
                createdAt: task.createdAt))
    }
}
