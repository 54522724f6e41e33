extension EventLoop {
    /// Waits, as `asyncio.sleep`: never less than `duration`, which is clamped to the clock's range.
    ///
    /// To be called on the loop.
    ///
    /// - Parameters:
    ///   - duration: zero and less wait for nothing but the next tick.
    ///   - fileID: where the call is, for messages about the timer.
    ///   - line: where the call is, for messages about the timer.
    /// - Throws: `CancellationError` as soon as the task is cancelled; ``EventLoopError/wrongThread``;
    ///   ``EventLoopError/closed``.
    public func sleep(for duration: Duration, fileID: StaticString = #fileID, line: UInt = #line) async throws {
        try checkOnItsThread()
        let sleeper = Sleeper(loop: self, site: CreationSite(fileID, line))
        let deadline = now + max(duration, .zero)
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { sleeper.start(until: deadline, $0) }
        } onCancel: {
            sleeper.cancelFromAnyThread()
        }
    }
}

/// One sleep: ends by its timer or by cancellation, whichever comes first.
private final class Sleeper: @unchecked Sendable {
    // SAFETY: state is read and changed on the loop's thread alone; `cancelFromAnyThread` hands over to it.
    private enum State {
        case new
        case sleeping(TimerHandle, UnsafeContinuation<Void, any Error>)
        case done
    }

    private let loop: EventLoop
    private let site: CreationSite
    private var state = State.new

    init(loop: EventLoop, site: CreationSite) {
        self.loop = loop
        self.site = site
    }

    func start(until deadline: LoopTime, _ continuation: UnsafeContinuation<Void, any Error>) {
        do {
            guard case .new = state else { return try refuse(continuation) }
            let timer = try loop.setTimer(at: deadline, context: nil, site) { [self] in end { $0.resume() } }
            state = .sleeping(timer, continuation)
        } catch {
            continuation.resume(throwing: error)
        }
    }

    /// The task is cancelled already; it gives way all the same, so that one which only sleeps, whatever it is told, does
    /// not keep the loop from turning.
    private func refuse(_ continuation: UnsafeContinuation<Void, any Error>) throws {
        try loop.callSoon { continuation.resume(throwing: CancellationError()) }
    }

    /// A cancellation may come before the sleep has begun, and from any thread.
    func cancelFromAnyThread() {
        if loop.isOnItsThread { cancel() } else { try? loop.callSoonThreadSafe { [self] in cancel() } }
    }

    private func cancel() {
        end { $0.resume(throwing: CancellationError()) }
    }

    private func end(_ resume: (UnsafeContinuation<Void, any Error>) -> Void) {
        let before = state
        state = .done
        guard case .sleeping(let timer, let continuation) = before else { return }
        timer.cancel()
        resume(continuation)
    }
}
