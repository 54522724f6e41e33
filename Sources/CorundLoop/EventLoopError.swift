/// A misuse of an event loop.
public enum EventLoopError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `run` on a loop that runs.
    case alreadyRunning
    /// `run` on a thread that is inside another loop's `run`.
    case anotherLoopIsRunning
    /// `close` on a loop that runs.
    case closeWhileRunning
    /// Anything on a loop after its `close`.
    case closed
    /// What belongs on the loop's thread, called from another one.
    case wrongThread
    /// A wait that blocks the loop's own thread, which has to do what is waited for.
    case waitOnOwnThread
    /// A wait that was as long as it may be.
    case timedOut
    /// A signal number that the kernel does not let a process handle.
    case invalidSignal(CInt)
    /// A signal that another loop of the process handles.
    case signalOfAnotherLoop(CInt)
    /// A wait for a descriptor that has a handler or another wait in that direction, or a handler in place of a wait.
    case descriptorBusy(CInt)
    /// A wait for a descriptor whose watching was ended, as before it is closed.
    case descriptorClosed(CInt)
    /// A wait for the exit of a process that is not a child of this one, or was reaped already.
    case notAChild(CInt)
    /// A wait for the exit of a child whose status someone else has taken.
    case childStatusLost(CInt)

    /// What happened, in words.
    public var description: String {
        switch self {
        case .alreadyRunning: "the event loop is running already"
        case .anotherLoopIsRunning: "another event loop is running on this thread"
        case .closeWhileRunning: "cannot close a running event loop; stop it first"
        case .closed: "the event loop is closed"
        case .wrongThread: "this must be called on the event loop's own thread"
        case .waitOnOwnThread: "waiting here would keep the event loop from doing what is waited for"
        case .timedOut: "what was waited for did not end in time"
        case .invalidSignal(let signal): "signal \(signal) cannot be handled"
        case .signalOfAnotherLoop(let signal): "signal \(signal) is handled by another event loop of this process"
        case .notAChild(let process): "process \(process) is no child of this process, or was waited for before"
        case .childStatusLost(let process): "how process \(process) ended was told to someone else"
        case .descriptorBusy(let number): "descriptor \(number) is waited for, or has a handler, already"
        case .descriptorClosed(let number): "descriptor \(number) was closed while it was waited for"
        }
    }
}
