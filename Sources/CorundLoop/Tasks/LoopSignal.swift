/// Wakes whoever waits, whenever something has changed: asyncio's `Condition.notify_all` without the lock, which one
/// thread does not need.
///
/// It belongs to its loop's thread.
package final class LoopSignal: @unchecked Sendable {
    // SAFETY: confined to the loop's thread; `onCancel` hands over to it.

    private let loop: EventLoop
    private var waiters: [UInt64: UnsafeContinuation<Void, any Error>] = [:]
    private var nextWaiter: UInt64 = 0

    package init(loop: EventLoop) {
        self.loop = loop
    }

    /// Wakes everyone who waits now.
    package func notify() {
        guard !waiters.isEmpty else { return }
        let woken = waiters
        waiters = [:]
        // In the order in which they came: the dictionary's own differs from process to process.
        for (_, waiter) in woken.sorted(by: { $0.key < $1.key }) { waiter.resume() }
    }

    /// Waits for the next ``notify()``.
    ///
    /// What was waited for must be looked at again: others run in between.
    ///
    /// - Throws: `CancellationError`.
    package func wait() async throws {
        try Task.checkCancellation()
        nextWaiter += 1
        let number = nextWaiter
        try await loop.cancellableWait {
            waiters[number] = $0
        } onCancel: {
            try? loop.callSoonThreadSafe { [self] in
                waiters.removeValue(forKey: number)?.resume(throwing: CancellationError())
            }
        }
    }
}
