import CLinux
import DequeModule
import Glibc

/// The threads on which a loop runs what blocks: Python's default executor.
///
/// Threads start when there is work and no idle one. They are detached: nothing ever joins them, so that one which is
/// stuck can hold neither the loop's end nor the process's. A pool of one thread runs its work in the order in which it
/// came.
package final class BlockingPool: @unchecked Sendable {
    // SAFETY: all mutable state is read and changed with `lock` held.

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let workArrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue = Deque<BlockingWork>()
    private var isOpen = true
    /// Who waits for the last thread's end; called and let go of with `lock` held.
    private var whenEmpty: [@Sendable () -> Void] = []
    private var threads = 0
    private var idle = 0
    private var threadsNamed = 0
    private let threadLimit: Int
    private let name: String
    private let makeThread: ThreadMaker

    /// Runs a pool on a new thread that nobody joins.
    typealias ThreadMaker = @Sendable (BlockingPool) throws(SystemCallError) -> Void

    // Asked for once: it reads a file.
    private static let usualThreadLimit = threadLimit(processors: sysconf(CInt(_SC_NPROCESSORS_ONLN)))

    /// As `concurrent.futures.ThreadPoolExecutor`.
    static func threadLimit(processors: Int) -> Int { min(32, processors + 4) }

    /// - Parameters:
    ///   - name: what the names of the threads begin with, of which the kernel shows 15 bytes in all.
    ///   - threadLimit: when absent, four more than there are processors, and at most 32.
    package convenience init(name: String = "corund-pool", threadLimit: Int? = nil) {
        self.init(name: name, threadLimit: threadLimit, makeThread: Self.detachThread)
    }

    init(name: String = "corund-pool", threadLimit: Int?, makeThread: @escaping ThreadMaker) {
        self.name = name
        self.makeThread = makeThread
        self.threadLimit = threadLimit ?? Self.usualThreadLimit
        lock.initialize(to: pthread_mutex_t())
        workArrived.initialize(to: pthread_cond_t())
        pthread_mutex_init(lock, nil)
        pthread_cond_init(workArrived, nil)
    }

    deinit {
        // Each thread holds the pool, so that none is left by now.
        pthread_cond_destroy(workArrived)
        pthread_mutex_destroy(lock)
        workArrived.deallocate()
        lock.deallocate()
    }

    /// How the pool stands.
    var counts: BlockingPoolCounts {
        withLock { BlockingPoolCounts(threads: threads, busy: threads - idle, queued: queue.count) }
    }

    /// Queues `work`, which then either runs or is refused, once.
    ///
    /// Where no more threads can be made, it waits for one of those that there are.
    ///
    /// - Throws: ``BlockingPoolError/shutDown``; ``SystemCallError`` when there is no thread and none can be made.
    package func submit(_ work: BlockingWork) throws {
        try withLock {
            guard isOpen else { throw BlockingPoolError.shutDown }
            queue.append(work)
            if idle >= queue.count {
                pthread_cond_signal(workArrived)
            } else if threads < threadLimit {
                do {
                    try makeThread(self)
                    threads += 1
                } catch {
                    guard threads == 0 else { return }
                    queue.removeLast()
                    throw error
                }
            }
        }
    }

    /// Takes `work` back, if no thread has begun it.
    func withdraw(_ work: BlockingWork) -> Bool {
        withLock {
            guard let index = queue.firstIndex(where: { $0 === work }) else { return false }
            queue.remove(at: index)
            return true
        }
    }

    /// Lets the threads end when the queue is empty.
    ///
    /// - Parameter onEmpty: called once, on the last thread, or at once where there is none. It must not call the pool:
    ///   its lock is held, so that whoever takes it afterwards knows that the thread has let go of `onEmpty`.
    package func shutDown(onEmpty: @escaping @Sendable () -> Void) {
        withLock {
            isOpen = false
            whenEmpty.append(onEmpty)
            pthread_cond_broadcast(workArrived)
            tellIfEmpty()
        }
    }

    /// Gives up what has not begun, after ``shutDown(onEmpty:)``: each is refused.
    ///
    /// - Returns: the number of threads that have not ended.
    func abandon() -> Int {
        let (refused, left) = withLock {
            defer { queue = [] }
            return (queue, threads)
        }
        for work in refused { work.refuse(BlockingPoolError.shutDown) }
        return left
    }

    // MARK: Threads

    @Sendable
    static func detachThread(_ pool: BlockingPool) throws(SystemCallError) {
        try PosixThread { pool.runThread() }.detach()
    }

    private func runThread() {
        // Counted here, so that no two threads that start at once read the same number.
        let number = withLock {
            threadsNamed += 1
            return threadsNamed
        }
        corund_name_thread("\(name)-\(number)")
        while let work = nextWork() { work.run() }
    }

    /// Waits for work; nil when the thread is to end.
    private func nextWork() -> BlockingWork? {
        pthread_mutex_lock(lock)
        while queue.isEmpty, isOpen {
            idle += 1
            pthread_cond_wait(workArrived, lock)
            idle -= 1
        }
        if let work = queue.popFirst() {
            pthread_mutex_unlock(lock)
            return work
        }
        threads -= 1
        tellIfEmpty()
        pthread_mutex_unlock(lock)
        return nil
    }

    /// With the lock held.
    private func tellIfEmpty() {
        guard threads == 0 else { return }
        for callback in whenEmpty { callback() }
        whenEmpty = []
    }

    private func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body()
    }
}

/// How a loop's blocking pool stands.
public struct BlockingPoolCounts: Sendable, Equatable {
    /// Threads alive.
    public var threads: Int
    /// Threads at work.
    public var busy: Int
    /// Closures that wait for a thread.
    public var queued: Int

    package init(threads: Int, busy: Int, queued: Int) {
        self.threads = threads
        self.busy = busy
        self.queued = queued
    }
}

/// A misuse of the blocking pool.
public enum BlockingPoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The pool has been shut down, and takes nothing.
    case shutDown
    /// A timeout of zero or less.
    case timeoutNotPositive
    /// A limit of less than one thread.
    case limitNotPositive

    /// What happened, in words.
    public var description: String {
        switch self {
        case .shutDown: "the blocking pool has been shut down"
        case .timeoutNotPositive: "the timeout for the blocking pool's shutdown must be positive, or nil for no limit"
        case .limitNotPositive: "the blocking pool must be allowed at least one thread"
        }
    }
}

/// One closure on its way through the pool.
package final class BlockingWork: Sendable {
    /// Runs the closure and resumes its caller.
    let run: @Sendable () -> Void
    /// Resumes the caller with an error instead.
    let refuse: @Sendable (any Error) -> Void

    package init(run: @escaping @Sendable () -> Void, refuse: @escaping @Sendable (any Error) -> Void) {
        self.run = run
        self.refuse = refuse
    }
}
