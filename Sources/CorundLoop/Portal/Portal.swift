import Synchronization

/// What was submitted to a loop and has not ended: nothing of it may be forgotten when the loop is closed.
final class Portal: Sendable {
    private struct State {
        var promises: [ObjectIdentifier: any Breakable] = [:]
        var accepted: UInt64 = 0
        var isAccepting = true
    }

    private let state = Mutex(State())

    /// Remembers `promise` until it ends.
    ///
    /// - Returns: its number; nil when nothing is accepted any more.
    func accept<Success>(_ promise: Promise<Success>) -> UInt64? {
        // It keeps the portal until then: a promise may be cancelled on another thread just when the loop goes. (`close`,
        // which comes first, has ended all that the portal keeps.)
        promise.whenEnded { [self, id = ObjectIdentifier(promise)] _ in forget(id) }
        return state.withLock { state in
            guard state.isAccepting else { return nil }
            state.promises[ObjectIdentifier(promise)] = promise
            state.accepted += 1
            return state.accepted
        }
    }

    /// Accepts nothing any more; what was accepted goes on.
    func refuse() {
        state.withLock { $0.isAccepting = false }
    }

    /// Accepts nothing any more, and ends what has not ended.
    func close() {
        let broken = state.withLock { state in
            state.isAccepting = false
            defer { state.promises = [:] }
            return state.promises.values.map(\.self)
        }
        for promise in broken { promise.breakOff() }
    }

    private func forget(_ promise: ObjectIdentifier) {
        _ = state.withLock { $0.promises.removeValue(forKey: promise) }
    }
}

/// A promise of whatever type.
private protocol Breakable: Sendable {
    func breakOff()
}

extension Promise: Breakable {
    /// The loop is closed.
    func breakOff() {
        end(with: .failure(EventLoopError.closed))
    }
}
