import CLinux
import Synchronization

/// Where work goes that names no executor: `Task {}`, `Task.detached`, and the async functions that they call.
///
/// Swift sends it to a pool of threads. A process that is all one loop can have it on that loop instead, as asyncio has:
///
///     DefaultExecutor.install()  // first thing in main
///     …
///     loop.becomeDefault()
///
/// That work then holds the loop for as long as it computes, as anything on a loop does. `@MainActor` code stays on the
/// main thread.
public enum DefaultExecutor {
    /// Makes it possible for a loop to become the default, which it does with ``EventLoop/becomeDefault()``.
    ///
    /// Until then, and after that loop's close, work goes where Swift sends it. (The loop's own tasks never leave it, and come
    /// no further when it is closed.)
    ///
    /// - Returns: whether it is possible: false when the process has made a task before, and where the toolchain has no
    ///   such hook. Calling it again changes nothing.
    @discardableResult
    public static func install() -> Bool {
        LoopDefaultExecutor.isInstalled
    }
}

extension EventLoop {
    /// Has work that names no executor come to this loop until its close; see ``DefaultExecutor``.
    ///
    /// The loop's own tasks are cheaper then: with nothing to prefer, Swift need not look a preference up at each of their
    /// steps.
    ///
    /// - Returns: false, and nothing has changed, when ``DefaultExecutor/install()`` was not called or said that it is not
    ///   possible, when another loop is the default, or when this one is closed.
    @discardableResult
    public func becomeDefault() -> Bool {
        guard !isClosed, LoopDefaultExecutor.isInstalled else { return false }
        isDefault = LoopDefaultExecutor.shared.adopt(self)
        return isDefault
    }
}

/// The process's default executor, once it is installed: passes work on to the loop that is the default, else to Swift's.
final class LoopDefaultExecutor: TaskExecutor {
    static let shared = LoopDefaultExecutor()
    /// Installs it the first time that this is asked for.
    static let isInstalled = RuntimeHooks.install(shared)

    private struct State {
        var home: EventLoop?
        /// Tasks of loops that are closed. (They never end, so that nothing else comes to be where they are.)
        var stopped: Set<TaskIdentity> = []
    }

    private let state = Mutex(State())

    /// Whether `loop` is the default now.
    func adopt(_ loop: EventLoop) -> Bool {
        state.withLock { state in
            if state.home == nil { state.home = loop }
            return state.home === loop
        }
    }

    /// Work that names no executor goes where Swift sends it again, save what is left of `tasks`, the loop's own: what they
    /// use belongs to the loop.
    func leave(_ loop: EventLoop, stopping tasks: [TaskRecord]) {
        let left = state.withLock { state in
            guard state.home === loop else { return nil as EventLoop? }
            state.stopped.formUnion(tasks.compactMap(\.identity))
            return state.home.take()
        }
        withExtendedLifetime(left) {}  // not let go of inside the lock
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let running = corund_get_running_loop() {
            // SAFETY: the loop is running on this thread, which keeps it.
            let isTaken = Unmanaged<EventLoop>.fromOpaque(running)._withUnsafeGuaranteedRef { loop in
                if loop.isDefault { loop.appendReady(.defaultJob(job)) }
                return loop.isDefault
            }
            if isTaken { return }
        }
        let loop = state.withLock { $0.home }
        if loop?.push(.defaultJob(job)) != true { passOn(job) }
    }

    /// Sends a piece of a task where Swift would, unless the task is one that comes no further.
    func passOn(_ job: UnownedJob) {
        let isStopped = state.withLock { $0.stopped.contains(TaskIdentity(of: job)) }
        if !isStopped { RuntimeHooks.passOn(job) }
    }
}
