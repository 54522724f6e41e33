import CorundAPI

/// Where one job stands, and what is to be done when something happens to it.
///
/// Pure: it tells the caller what to do, and the caller does it.
///
/// scheduled → queued → starting → running → succeeded | failed | cancelled | timed_out | interrupted
struct JobMachine: Equatable {
    /// Where the job stands, with what is true only there.
    enum Phase: Equatable {
        case scheduled
        case queued
        /// Its turn has come, and its start is being recorded.
        case starting
        /// `cause` is set once the handler has been asked to stop.
        case running(cause: CancelCause?)
        case ended(JobState)
    }

    /// What the caller is to do.
    enum Action: Equatable {
        case none
        /// Put the job into the queue.
        case enqueue
        /// Take the job out of its timer or queue, and record the end.
        case finish(JobState)
        /// Record the start.
        case start
        /// Call the handler.
        case launch
        /// Cancel the handler's task.
        case cancelHandler
        /// Set a timer for the next attempt.
        case retry
    }

    private(set) var phase: Phase
    /// Attempts begun so far.
    private(set) var attempt: Int
    /// Attempts allowed; 0: without limit.
    let maxAttempts: Int

    /// - Parameters:
    ///   - isDelayed: whether the job waits for its time first.
    ///   - attempt: attempts begun so far, in the life of an earlier daemon.
    ///   - maxAttempts: attempts allowed; 0: without limit.
    init(isDelayed: Bool, attempt: Int = 0, maxAttempts: Int) {
        phase = isDelayed ? .scheduled : .queued
        self.attempt = attempt
        self.maxAttempts = maxAttempts
    }

    /// The state as the wire has it.
    var state: JobState {
        switch phase {
        case .scheduled: .scheduled
        case .queued: .queued
        case .starting, .running: .running
        case .ended(let state): state
        }
    }

    /// Whether nothing can happen to the job any more.
    var hasEnded: Bool {
        if case .ended = phase { true } else { false }
    }

    /// The job's time has come.
    mutating func becameDue() -> Action {
        guard phase == .scheduled else { return .none }
        phase = .queued
        return .enqueue
    }

    /// The job's turn has come.
    mutating func gotTurn() -> Action {
        guard phase == .queued else { return .none }
        phase = .starting
        attempt += 1
        return .start
    }

    /// The start is recorded as well as it is to be.
    mutating func startWasRecorded() -> Action {
        guard phase == .starting else { return .none }
        phase = .running(cause: nil)
        return .launch
    }

    /// Somebody wants the job to end.
    ///
    /// The first cause counts. But where the job would run again after it, a request ends it for good.
    mutating func cancel(_ cause: CancelCause) -> Action {
        switch phase {
        case .scheduled, .queued: return end(cause.state)
        case .starting:
            attempt -= 1  // it has not begun
            return end(cause.state)
        case .running(cause: nil):
            phase = .running(cause: cause)
            return .cancelHandler
        case .running(cause: let first?):
            if case .request = cause, mayRunAgain(after: first) { phase = .running(cause: cause) }
            return .none
        case .ended: return .none
        }
    }

    /// Why the handler was asked to stop, if it was.
    var cancelCause: CancelCause? {
        guard case .running(let cause) = phase else { return nil }
        return cause
    }

    /// The handler has returned or thrown, which came to `outcome`.
    mutating func handlerEnded(_ outcome: JobOutcome) -> Action {
        guard case .running(let cause) = phase else { return .none }
        switch outcome {
        case .succeeded: return end(.succeeded)
        case .invalidArguments: return end(.failed)  // the next attempt would be given the same
        case .cancelled(.daemonEnd): return interrupt()
        case .cancelled(.timeout): return tryAgain(orEnd: .timedOut)
        case .cancelled(let cause): return end(cause.state)
        case .failed:
            switch cause {
            case nil, .timeout: return tryAgain(orEnd: .failed)
            case .daemonEnd where hasAttemptsLeft: return interrupt()  // the error is its answer to that, most likely
            case .daemonEnd, .request, .hangUp: return end(.failed)
            }
        }
    }

    private var hasAttemptsLeft: Bool { maxAttempts == 0 || attempt < maxAttempts }

    private func mayRunAgain(after cause: CancelCause) -> Bool {
        switch cause {
        case .timeout: hasAttemptsLeft
        case .daemonEnd: true
        case .request, .hangUp: false
        }
    }

    private mutating func tryAgain(orEnd state: JobState) -> Action {
        guard hasAttemptsLeft else { return end(state) }
        phase = .scheduled
        return .retry
    }

    /// An interruption costs no attempt.
    private mutating func interrupt() -> Action {
        attempt -= 1
        return end(.interrupted)
    }

    private mutating func end(_ state: JobState) -> Action {
        phase = .ended(state)
        return .finish(state)
    }
}
