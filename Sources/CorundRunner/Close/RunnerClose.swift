import CorundLoop

/// The steps of a runner's close.
struct RunnerClose {
    let loop: EventLoop
    let context: Context
    let taskTimeout: Duration?
    let generatorTimeout: Duration?
    let poolTimeout: Duration?
    let watch: CloseWatch

    /// The clean-up of generators may start tasks, and so on, until none is left.
    func endTasksAndGenerators() throws {
        repeat {
            let tasksEnded = Result { try endTasks() }
            let generatorsEnded = Result { try endGenerators() }
            try tasksEnded.get()
            try generatorsEnded.get()
        } while !loop.tasksToEnd.isEmpty
    }

    /// Tasks that were started meanwhile are cancelled too, until none is left.
    private func endTasks() throws {
        let deadline = taskTimeout.map { loop.now + $0 }
        if !loop.tasksToEnd.isEmpty { try watch.begin() }
        while case let ending = loop.tasksToEnd, !ending.isEmpty {
            for task in ending { task.claimFailure() }
            loop.cancelAllTasks()
            try loop.runUntilEnded(ending, limit: deadline.map { $0.duration(since: loop.now) })
            for task in ending { loop.reportFailureAtShutdown(of: task) }
            if let deadline, loop.now >= deadline {
                try endUnasked()
                return loop.tasksToEnd.forEach(loop.giveUp)
            }
        }
    }

    /// The time is up: what was started meanwhile has not been asked to end, and may do so at once.
    private func endUnasked() throws {
        let unasked = loop.tasksToEnd.filter { !$0.isCancelled }
        guard !unasked.isEmpty else { return }
        for task in unasked {
            task.claimFailure()
            task.cancel()
        }
        try loop.runUntilEnded(unasked, limit: EventLoop.lastMoment)
        for task in unasked { loop.reportFailureAtShutdown(of: task) }
    }

    private func endGenerators() throws {
        guard loop.beginGeneratorShutdown() else { return }
        try end { [loop, generatorTimeout] in try await loop.shutdownAsyncGenerators(timeout: generatorTimeout) }
    }

    func endBlockingPool() throws {
        guard loop.blockingPoolCounts.threads > 0 else { return }
        try end { [loop, poolTimeout] in try await loop.shutdownBlockingPool(timeout: poolTimeout) }
    }

    /// Runs the loop until `step` has ended, also when someone stops the loop on the way.
    private func end(_ step: sending @escaping () async throws -> Void) throws {
        try watch.begin()
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
    var tasksToEnd: [TaskRecord] {
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
