import Synchronization

/// The one loop on which a generator lives: where its state may be touched.
///
/// Its handle may be let go of on any thread, and outlive the loop. (A weak reference would do for that, at the price
/// of a side table for the loop, which makes every other reference to it slow.)
final class GeneratorHome: Sendable {
    private enum State {
        case undecided
        case loop(EventLoop)
        /// The generator has ended; that may be asked from anywhere.
        case left
        case closed
    }

    private let state = Mutex(State.undecided)

    /// The loop that the caller is on, if that is the generator's; the first time it becomes the generator's.
    ///
    /// - Returns: nil when the generator has ended.
    /// - Throws: ``AsyncGeneratorError/noRunningLoop``, ``EventLoopError/wrongThread``, ``EventLoopError/closed``.
    func enter() throws -> EventLoop? {
        try state.withLock { state in
            switch state {
            case .undecided:
                guard let loop = EventLoop.running else { throw AsyncGeneratorError.noRunningLoop }
                state = .loop(loop)
                return loop
            case .loop(let loop):
                guard loop.isOnItsThread else { throw EventLoopError.wrongThread }
                return loop
            case .left: return nil
            case .closed: throw EventLoopError.closed
            }
        }
    }

    /// The loop, from any thread; nil before there is one and after the end.
    var loop: EventLoop? {
        state.withLock { state in
            guard case .loop(let loop) = state else { return nil }
            return loop
        }
    }

    /// The generator has ended.
    func leave() {
        change(to: .left)
    }

    /// The loop is closed, and the generator with it.
    func loopClosed() {
        change(to: .closed)
    }

    /// No lock is held when the loop is let go of.
    private func change(to new: sending State) {
        let before = state.withLock { state in
            defer { state = new }
            return state
        }
        withExtendedLifetime(before) {}
    }
}
