import Synchronization

extension EventLoop {
    /// Runs `body` on a thread of the loop's blocking pool, in a copy of the current context, and gives back what it
    /// returns, as `asyncio.to_thread`.
    ///
    /// A caller that is cancelled while `body` still waits for a thread gets `CancellationError`, and `body` never runs;
    /// once it has begun it runs to its end. (`errno` belongs to the thread: read it inside of `body`.)
    ///
    /// - Parameter body: what blocks.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; `CancellationError`; ``BlockingPoolError/shutDown``; ``SystemCallError`` when no
    ///   thread can be made.
    public func runBlocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try Task.checkCancellation()
        virtualTime?.hold()
        defer { virtualTime?.release() }
        let pool = blockingPool
        let entered = Context.entered.forCallback.map { EnteredContext(context: $0.context.copy()) } ?? .outside
        let withdrawal = Withdrawal(pool: pool)
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Result, any Error>) in
                let work = BlockingWork(
                    run: {
                        let result = Swift.Result { try Context.place.withValue(entered) { try body() } }
                        continuation.resume(with: result)
                    },
                    refuse: { continuation.resume(throwing: $0) })
                do {
                    try pool.submit(work)
                    withdrawal.submitted(work)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            withdrawal.withdraw()
        }
    }

    /// How the blocking pool stands.
    public var blockingPoolCounts: BlockingPoolCounts { blockingPool.counts }

    /// Ends the blocking pool: what was handed in still runs, new work is refused, as
    /// `loop.shutdown_default_executor(timeout)`.
    ///
    /// The loop goes on meanwhile. (In virtual time, that stands still meanwhile, so that no timeout passes.)
    ///
    /// - Parameter timeout: how long to wait for the threads; what has not begun then is refused, and threads that are
    /// still busy are left behind with a report. nil: without limit.
    /// - Throws: ``BlockingPoolError/timeoutNotPositive``; `CancellationError`.
    public func shutdownBlockingPool(timeout: Duration?) async throws {
        if let timeout, timeout <= .zero { throw BlockingPoolError.timeoutNotPositive }
        virtualTime?.hold()
        defer { virtualTime?.release() }
        let waiting = PoolShutdown(loop: self)
        // Weak: a thread that is left behind must not keep the loop.
        shutDownPool { [weak waiting] in waiting?.endFromAnyThread() }
        let timer = try timeout.map { try callLater($0) { waiting.end() } }
        defer { timer?.cancel() }
        try await waiting.wait()
        let left = blockingPool.abandon()
        guard left > 0 else { return }
        report(
            ExceptionReport(
                message: "the blocking pool did not finish joining its threads within \(timeout ?? .zero); "
                    + "\(left) are left behind"))
    }
}

/// Takes work back from the pool when its caller is cancelled, which may be before it is there.
private final class Withdrawal: Sendable {
    private enum State {
        case new
        case submitted(BlockingWork)
        case cancelled
    }

    private let pool: BlockingPool
    private let state = Mutex(State.new)

    init(pool: BlockingPool) {
        self.pool = pool
    }

    func submitted(_ work: BlockingWork) {
        let isCancelled = state.withLock { state in
            if case .cancelled = state { return true }
            state = .submitted(work)
            return false
        }
        if isCancelled { take(work) }
    }

    func withdraw() {
        let work: BlockingWork? = state.withLock { state in
            defer { state = .cancelled }
            guard case .submitted(let work) = state else { return nil }
            return work
        }
        if let work { take(work) }
    }

    /// No lock is held here: resuming the caller may run anything.
    private func take(_ work: BlockingWork) {
        if pool.withdraw(work) { work.refuse(CancellationError()) }
    }
}

/// Waits for the pool's last thread or the timeout, whichever comes first.
private final class PoolShutdown: @unchecked Sendable {
    // SAFETY: confined to the loop's thread; `endFromAnyThread` hands over to it.

    private let loop: EventLoop
    private let signal: LoopSignal
    private var hasEnded = false

    init(loop: EventLoop) {
        self.loop = loop
        signal = LoopSignal(loop: loop)
    }

    func end() {
        hasEnded = true
        signal.notify()
    }

    func endFromAnyThread() {
        try? loop.callSoonThreadSafe { self.end() }
    }

    func wait() async throws {
        while !hasEnded { try await signal.wait() }
    }
}
