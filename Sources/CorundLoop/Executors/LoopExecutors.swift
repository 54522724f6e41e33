extension EventLoop: TaskExecutor {
    /// Takes a piece of a task that prefers this loop.
    ///
    /// From any thread.
    ///
    /// A piece that comes after ``close()`` is dropped: its task never ends. `Runner.close()` therefore ends the
    /// loop's tasks first.
    public func enqueue(_ job: consuming ExecutorJob) {
        take(.job(UnownedJob(job)))
    }

}

extension EventLoop {
    fileprivate func take(_ item: ReadyItem) {
        if isOnItsThread { appendReady(item) } else { _ = push(item) }
    }
}

/// Runs actors on a loop.
///
/// See ``EventLoop/serialExecutor``.
///
/// It is an object of its own, because a job says by the executor it comes through how it must be run: one of a task
/// that merely prefers the loop may go on to the next plain async function without a hop, one that is inside an actor
/// may not.
public final class LoopSerialExecutor: SerialExecutor {
    private unowned let loop: EventLoop

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// Takes a piece of a task that is inside an actor of the loop.
    ///
    /// From any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        loop.take(.isolatedJob(UnownedJob(job)))
    }

    /// Traps unless the caller is on the loop, so that `assumeIsolated` works in callbacks.
    public func checkIsolated() {
        precondition(loop.isOnItsThread, "not on the event loop that this actor lives on")
    }

    /// Whether the caller is on the loop.
    public func isIsolatingCurrentContext() -> Bool? {
        loop.isOnItsThread
    }
}
