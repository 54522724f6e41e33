import CorundLoop
import Dispatch

/// A thread that does what it is given, in that order.
///
/// Not a queue of libdispatch, which keeps no thread: when the system has none to give (`TasksMax`, `RLIMIT_NPROC`),
/// libdispatch sleeps until it has, a second at a time, on the thread that asked for one, be it the loop's. Here the
/// thread is there from the beginning, or there is no beginning.
final class StoreThread: Sendable {
    private let pool: BlockingPool

    /// - Parameter name: as `ps -L` shows it, with a number; at most 13 bytes.
    /// - Throws: ``SystemCallError`` when there can be no thread.
    init(name: String) throws {
        pool = BlockingPool(name: name, threadLimit: 1)
        try pool.submit(BlockingWork(run: {}, refuse: { _ in }))
    }

    deinit {
        pool.shutDown {}
    }

    /// Runs `work` after all that came before.
    ///
    /// - Throws: ``BlockingPoolError/shutDown`` once closed; then it does not run.
    func run(_ work: @escaping @Sendable () -> Void) throws {
        try pool.submit(BlockingWork(run: work, refuse: { _ in }))
    }

    /// Waits for what has come, and lets the thread end.
    func close() {
        let ended = DispatchSemaphore(value: 0)
        pool.shutDown { ended.signal() }
        ended.wait()
    }
}
