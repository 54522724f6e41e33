import Synchronization

/// A result that one thread waits for and another has: the inside of a ``LoopFuture``.
///
/// Observers and the cancellation are called without the lock: they may run anything.
final class Promise<Success: Sendable>: Sendable {
    typealias Observer = @Sendable (Result<Success, any Error>) -> Void

    private enum Phase {
        case queued
        case begun(cancel: (@Sendable () -> Void)?)
        case ended(Result<Success, any Error>)
    }

    private struct State {
        var phase = Phase.queued
        var isCancelled = false
        var observers: [UInt64: Observer] = [:]
        var observed: UInt64 = 0
    }

    private let state = Mutex(State())

    /// What it came to; nil before the end.
    var result: Result<Success, any Error>? {
        state.withLock { state in
            guard case .ended(let result) = state.phase else { return nil }
            return result
        }
    }

    // MARK: The loop's side

    /// False when it need not be begun: it has ended already, or is about to, by a cancellation.
    func begin() -> Bool {
        state.withLock { state in
            guard case .queued = state.phase, !state.isCancelled else { return false }
            state.phase = .begun(cancel: nil)
            return true
        }
    }

    /// Says how it is cancelled from now on.
    func hasBegun(cancel: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            guard case .begun = state.phase else { return false }
            state.phase = .begun(cancel: cancel)
            return state.isCancelled
        }
        if isCancelled { cancel() }
    }

    /// The first end is the one that counts.
    func end(with result: Result<Success, any Error>) {
        let observers: [Observer] = state.withLock { state in
            if case .ended = state.phase { return [] }
            state.phase = .ended(result)
            defer { state.observers = [:] }
            return state.observers.sorted { $0.key < $1.key }.map(\.value)
        }
        for observer in observers { observer(result) }
    }

    // MARK: The other side

    /// Calls `observer` once, at the end, or now when that was before.
    ///
    /// - Returns: the number to forget it by.
    @discardableResult
    func whenEnded(_ observer: @escaping Observer) -> UInt64 {
        let (number, result): (UInt64, Result<Success, any Error>?) = state.withLock { state in
            state.observed += 1
            if case .ended(let result) = state.phase { return (state.observed, result) }
            state.observers[state.observed] = observer
            return (state.observed, nil)
        }
        if let result { observer(result) }
        return number
    }

    func forget(_ observer: UInt64) {
        _ = state.withLock { $0.observers.removeValue(forKey: observer) }
    }

    /// What has not begun ends at once, and never begins.
    func cancel() {
        let step: (@Sendable () -> Void)? = state.withLock { state in
            state.isCancelled = true
            switch state.phase {
            case .queued: return { [self] in end(with: .failure(CancellationError())) }
            case .begun(let cancel): return cancel
            case .ended: return nil
            }
        }
        step?()
    }
}
