/// A misuse of a runner, or a run that could not come to its end.
public enum RunnerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `run` or `with` on a thread that is inside a running loop.
    case alreadyRunning
    /// The one-shot `Runner.run` on a thread that is inside a running loop.
    case oneShotInsideRunningLoop
    /// `run` or `loop` after `close()`.
    case closed
    /// `close()` on a thread that is inside a running loop.
    case closeWhileRunning
    /// The loop was stopped before the body had ended.
    case stoppedBeforeCompletion
    /// SIGINT ended the run: the body by the cancellation that the first one brings, or the wait by the second; or it came
    /// when the body could hear of it no more.
    case interrupted
    /// `run(handlingInterrupts: true)` while an event loop of the process has a handler for SIGINT.
    case interruptsHandledElsewhere

    /// What happened, in words.
    public var description: String {
        switch self {
        case .alreadyRunning: "a runner cannot run while an event loop is running on this thread"
        case .oneShotInsideRunningLoop:
            "the one-shot Runner.run cannot be called from a running event loop; await the function instead"
        case .closed: "the runner is closed"
        case .closeWhileRunning: "the runner cannot be closed while an event loop is running on this thread"
        case .stoppedBeforeCompletion: "the event loop was stopped before the body had completed"
        case .interrupted: "the run was interrupted"
        case .interruptsHandledElsewhere: "the run cannot handle SIGINT: an event loop of the process does already"
        }
    }
}
