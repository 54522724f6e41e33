import CorundLoop

extension Runner {
    /// Ends what is left, in an order that is always the same, as `Runner.close`.
    ///
    /// The loop's tasks are cancelled and awaited; its asynchronous generators are closed; its blocking pool is shut
    /// down; the thread's current loop is unset; the loop is closed. Does nothing on a runner that has built nothing or
    /// is closed. A task or a generator that ends in an error other than `CancellationError` is reported to the loop's
    /// exception handler. So is, by name, what a step still waits for after ten seconds, and again at each interrupt, which
    /// changes nothing else, where the last run handled them.
    ///
    /// - Parameters:
    ///   - taskTimeout: how long to wait for cancelled tasks, those that wait for a blocking closure among them; one that is
    ///     still there then is reported by name and left behind. (Tasks that were started meanwhile, and not cancelled yet,
    ///     are cancelled then, and have a tenth of a second more.) nil: without limit.
    ///   - generatorTimeout: how long to wait for the clean-up of generators; one that is still at it then is reported by
    ///     name and left behind, and those that began meanwhile are treated as such tasks. nil: without limit.
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
        let close = RunnerClose(
            loop: loop, context: context, taskTimeout: taskTimeout, generatorTimeout: generatorTimeout,
            poolTimeout: poolTimeout, watch: CloseWatch(loop, hearsInterrupts: hold != nil))
        let tasksAndGeneratorsEnded = Result { try close.endTasksAndGenerators() }
        let poolEnded = Result { try close.endBlockingPool() }
        // The loop has run meanwhile: what other threads called on it may have started more.
        let restEnded = Result { try close.endTasksAndGenerators() }
        close.watch.end()
        if loopFactory == nil { EventLoop.unsetCurrent() }
        try loop.close()
        try tasksAndGeneratorsEnded.get()
        try poolEnded.get()
        try restEnded.get()
    }
}
