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
    /// Until then, and after that loop's close, work goes where Swift sends it.
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

    private let home = Mutex<EventLoop?>(nil)

    /// Whether `loop` is the default now.
    func adopt(_ loop: EventLoop) -> Bool {
        home.withLock { home in
            if home == nil { home = loop }
            return home === loop
        }
    }

    func leave(_ loop: EventLoop) {
        let left = home.withLock { home in
            guard home === loop else { return nil as EventLoop? }
            return home.take()
        }
        withExtendedLifetime(left) {}  // not let go of inside the lock
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let running = corund_get_running_loop() {
            // SAFETY: the loop is running on this thread, which keeps it.
            let isTaken = Unmanaged<EventLoop>.fromOpaque(running)._withUnsafeGuaranteedRef { loop in
                if loop.isDefault { loop.takeJob(.defaultJob(job)) }
                return loop.isDefault
            }
            if isTaken { return }
        }
        let loop = home.withLock { $0 }
        if loop?.push(.defaultJob(job)) != true { RuntimeHooks.passOn(job) }
    }
}
