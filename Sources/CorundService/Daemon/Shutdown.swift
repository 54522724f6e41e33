/// The daemon's end, as decisions: what SIGTERM, `Drain`, time and the last job mean at each point.
///
/// Pure.
///
/// serving → draining → cancelling → over
struct Shutdown: Equatable {
    enum Phase: Equatable {
        case serving
        /// Nothing is admitted; what runs has its time to end. `bySignal` once a signal has asked for it.
        case draining(bySignal: Bool)
        /// What still runs has been cancelled, and has its grace.
        case cancelling
        case over
    }

    enum Action: Equatable {
        case none
        /// Admit nothing more and give what runs so long; with `stopListening`, accept no client either.
        case drain(limit: Duration, stopListening: Bool)
        /// Accept no client any more, and give what runs no more than so long from now on.
        case stopListening(limit: Duration)
        /// Cancel what runs, and give it so long.
        case cancel(limit: Duration)
        /// Close everything.
        case finish
    }

    private(set) var phase = Phase.serving
    /// What counts when it begins.
    var drainTimeout: Duration
    var cancelGrace: Duration

    init(drainTimeout: Duration, cancelGrace: Duration) {
        self.drainTimeout = drainTimeout
        self.cancelGrace = cancelGrace
    }

    /// SIGTERM or SIGINT.
    ///
    /// The first one drains, the second one stops waiting. (A third one ends the process, from inside the signal
    /// handler.)
    mutating func signalled() -> Action {
        switch phase {
        case .serving:
            phase = .draining(bySignal: true)
            return .drain(limit: drainTimeout, stopListening: true)
        case .draining(bySignal: false):
            phase = .draining(bySignal: true)
            return .stopListening(limit: drainTimeout)  // whoever stops the service does not know of a longer `Drain`
        case .draining(bySignal: true): return cancel()
        case .cancelling, .over: return .none
        }
    }

    /// `Drain`.
    ///
    /// Clients may still connect, and see that the daemon drains.
    mutating func drainRequested(within limit: Duration?) -> Action {
        guard phase == .serving else { return .none }
        phase = .draining(bySignal: false)
        return .drain(limit: limit ?? drainTimeout, stopListening: false)
    }

    /// The time given with the last action is over.
    mutating func timeIsUp() -> Action {
        switch phase {
        case .draining: return cancel()
        case .cancelling: return finish()
        case .serving, .over: return .none
        }
    }

    /// No job runs.
    mutating func nothingRuns() -> Action {
        switch phase {
        case .draining, .cancelling: return finish()
        case .serving, .over: return .none
        }
    }

    private mutating func cancel() -> Action {
        phase = .cancelling
        return .cancel(limit: cancelGrace)
    }

    private mutating func finish() -> Action {
        phase = .over
        return .finish
    }
}
