extension EventLoop {
    /// Waits, as `asyncio.sleep`: never less than `duration`, which is clamped to the clock's range.
    ///
    /// To be called on the loop. A cancelled sleep leaves nothing behind; a cancelled `Task.sleep` leaves its timer until its
    /// time would have come.
    ///
    /// - Parameters:
    ///   - duration: zero and less wait for nothing but the next tick.
    ///   - fileID: where the call is, for messages about the timer.
    ///   - line: where the call is, for messages about the timer.
    /// - Throws: `CancellationError` as soon as the task is cancelled; ``EventLoopError/wrongThread``;
    ///   ``EventLoopError/closed``, also when the loop is closed meanwhile.
    public func sleep(for duration: Duration, fileID: StaticString = #fileID, line: UInt = #line) async throws {
        try checkOnItsThread()
        let sleeper = Sleeper(until: now + max(duration, .zero), on: self, site: CreationSite(fileID, line))
        try await cancellableWait {
            sleeper.start($0)
        } onCancel: {
            sleeper.cancelFromAnyThread()
        }
    }
}

/// One sleep: ends by its time or by cancellation, whichever comes first.
///
/// It is its own timer: a hundred thousand sleep at once, and each object counts.
private final class Sleeper: TimerHandle, @unchecked Sendable {
    // SAFETY: state is read and changed on the loop's thread alone; `cancelFromAnyThread` hands over to it.
    private let home: EventLoop
    /// Whom to wake; nil before the sleep and after it.
    private var continuation: UnsafeContinuation<Void, any Error>?

    init(until deadline: LoopTime, on loop: EventLoop, site: CreationSite) {
        home = loop
        super.init(deadline: deadline, loop: loop, context: nil, site: site, callback: {})
    }

    func start(_ continuation: UnsafeContinuation<Void, any Error>) {
        do {
            guard !isCancelled else { return try refuse(continuation) }
            try home.add(self)
            self.continuation = continuation
        } catch {
            continuation.resume(throwing: error)
        }
    }

    /// The task is cancelled already; it gives way all the same, so that one which only sleeps, whatever it is told, does
    /// not keep the loop from turning.
    private func refuse(_ continuation: UnsafeContinuation<Void, any Error>) throws {
        try home.callSoon { continuation.resume(throwing: CancellationError()) }
    }

    /// The time has come.
    override func run() {
        takeContinuation()?.resume()
    }

    /// A cancellation may come before the sleep has begun, and from any thread.
    func cancelFromAnyThread() {
        if home.isOnItsThread { interrupt() } else { try? home.callSoonThreadSafe { [self] in interrupt() } }
    }

    private func interrupt() {
        end(CancellationError())
    }

    override func loopClosed() {
        end(EventLoopError.closed)
    }

    private func end(_ error: any Error) {
        cancel()
        takeContinuation()?.resume(throwing: error)
    }

    private func takeContinuation() -> UnsafeContinuation<Void, any Error>? {
        defer { continuation = nil }
        return continuation
    }
}
