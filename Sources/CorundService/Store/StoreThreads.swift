import CorundLoop
import Dispatch

/// Threads that begin what they are given in that order; one thread alone also ends it in that order.
///
/// Not a queue of libdispatch, which keeps no thread: when the system has none to give (`TasksMax`, `RLIMIT_NPROC`),
/// libdispatch sleeps until it has, a second at a time, on the thread that asked for one, be it the loop's. Here the
/// first is there from the beginning, or there is no beginning.
final class StoreThreads: Sendable {
    private let pool: BlockingPool

    /// - Parameters:
    ///   - name: as `ps -L` shows it, with a number; at most 13 bytes.
    ///   - limit: how many there may be, when there is work for them at once.
    /// - Throws: ``SystemCallError`` when there can be no thread.
    init(name: String, limit: Int = 1) throws {
        pool = BlockingPool(name: name, threadLimit: limit)
        try pool.submit(BlockingWork(run: {}, refuse: { _ in }))
    }

    deinit {
        pool.shutDown {}
    }

    /// Runs `work` when all that came before has begun.
    ///
    /// - Throws: ``BlockingPoolError/shutDown`` once closed; then it does not run.
    func run(_ work: @escaping @Sendable () -> Void) throws {
        try pool.submit(BlockingWork(run: work, refuse: { _ in }))
    }

    /// Waits for what has come, and lets the threads end.
    func close() {
        let ended = shutDown()
        ended.wait()
    }

    /// As ``close()``, but waits no longer than `limit`.
    ///
    /// - Returns: whether the threads have ended; otherwise they do when they have done what has come.
    func close(within limit: Duration) -> Bool {
        let ended = shutDown()
        return ended.wait(timeout: .now() + .nanoseconds(Int(limit.clampedNanoseconds))) == .success
    }

    /// - Returns: what is signalled when the last thread ends.
    private func shutDown() -> DispatchSemaphore {
        let ended = DispatchSemaphore(value: 0)
        pool.shutDown { ended.signal() }
        return ended
    }
}
