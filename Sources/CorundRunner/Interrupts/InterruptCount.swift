/// What the interrupts of one run ask for, and what the run's end means after them.
struct InterruptCount: Equatable {
    /// What is to be done at an interrupt.
    enum Action: Equatable {
        case cancelBody
        case stopWaiting
        case nothing
    }

    private enum State {
        case uninterrupted
        /// The body's cancellation is the interrupt's.
        case cancelled
        /// The body's cancellation is someone else's, who came first.
        case cancelledBefore
        case stopped
    }

    private var state = State.uninterrupted
    private var isUnheard = false

    mutating func interrupt(bodyIsCancelled: Bool) -> Action {
        switch state {
        case .uninterrupted:
            state = bodyIsCancelled ? .cancelledBefore : .cancelled
            return .cancelBody
        case .cancelled, .cancelledBefore:
            state = .stopped
            return .stopWaiting
        case .stopped:
            return .nothing
        }
    }

    /// One came when the body had ended, or had no wait left in which to hear of it.
    mutating func interruptUnheard() {
        isUnheard = true
    }

    /// What a run is to throw that would throw `error` or, with nil, return.
    func meaning(of error: (any Error)?) -> (any Error)? {
        guard let error else { return isUnheard ? RunnerError.interrupted : nil }
        return switch state {
        case .uninterrupted, .cancelledBefore: error
        case .cancelled: error is CancellationError ? RunnerError.interrupted : error
        case .stopped:
            error is CancellationError || error as? RunnerError == .stoppedBeforeCompletion
                ? RunnerError.interrupted : error
        }
    }
}
