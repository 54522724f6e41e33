package import CorundAPI
import CorundLoop
import SystemPackage
import Varlink

/// What the command's exit status says: the contract with scripts.
///
/// The numbers are those of sysexits.h, of timeout(1) and of a shell that reports a signal.
package enum ExitStatus: Int32, Error, Sendable, Equatable, CaseIterable {
    case success = 0
    /// The job failed; or the daemon refused for a reason that has no number of its own.
    case failure = 1
    /// The command line was wrong.
    case usage = 64
    /// The job's arguments were wrong.
    case invalidArguments = 65
    /// There is no such job, kind or group.
    case notFound = 66
    /// The daemon cannot be reached, or ended before it answered.
    case unreachable = 69
    /// A system call of the command itself failed.
    case systemError = 71
    /// What was to be written could not be.
    case outputError = 74
    /// The daemon admits nothing now.
    case tryAgain = 75
    /// The daemon and the command do not understand one another; one may be older.
    case protocolError = 76
    case notPermitted = 77
    /// The job's time was up.
    case timedOut = 124
    /// The job was cancelled, or the command was, with Ctrl-C.
    case cancelled = 130
    /// Nobody reads the output any more: 128 and SIGPIPE, for where that signal is ignored.
    case brokenPipe = 141
    /// The daemon ended before the job did.
    case interrupted = 143
}

extension ExitStatus {
    /// That of a job in a final state; nil for one that has not ended.
    package init?(_ state: JobState) {
        switch state {
        case .scheduled, .queued, .running: return nil
        case .succeeded: self = .success
        case .failed: self = .failure
        case .cancelled: self = .cancelled
        case .timedOut: self = .timedOut
        case .interrupted: self = .interrupted
        }
    }

    /// That of a command that ended with `error`.
    ///
    /// - Parameters:
    ///   - error: what was thrown.
    ///   - isAttached: a job ran that ends with the connection.
    package init(_ error: any Error, isAttached: Bool = false) {
        switch error {
        case let status as ExitStatus: self = status
        case let error as JobsError: self.init(error)
        case let error as ServiceError: self.init(error)
        case let error as VarlinkError: self.init(error)
        case let error as ClientError: self.init(error, isAttached: isAttached)
        case is ArgumentsError: self = .invalidArguments
        case OutputError.closed: self = .brokenPipe
        case is OutputError: self = .outputError
        case is NoDaemonError, is NoAnswerError: self = .unreachable
        case is DecodingError: self = .protocolError
        default: self = .systemError
        }
    }

    private init(_ error: JobsError) {
        switch error {
        case .unknownJob, .noSuchJob: self = .notFound
        case .invalidArguments: self = .invalidArguments
        case .jobFailed, .invalidState: self = .failure
        case .jobCancelled: self = .cancelled
        case .jobTimedOut: self = .timedOut
        case .jobInterrupted: self = .interrupted
        case .draining, .queueFull, .storageUnavailable: self = .tryAgain
        }
    }

    private init(_ error: ServiceError) {
        switch error {
        case .noSuchGroup: self = .notFound
        case .configurationInvalid: self = .failure
        }
    }

    private init(_ error: VarlinkError) {
        switch StandardError(error) {
        case .permissionDenied: self = .notPermitted
        case .invalidParameter: self = .invalidArguments
        case .expectedMore: self = .usage
        case .notUnderstood: self = .protocolError
        case nil: self = .failure
        }
    }

    private init(_ error: ClientError, isAttached: Bool) {
        switch error {
        case .unreachable(_, let error) where error.errno == .permissionDenied || error.errno == .notPermitted:
            self = .notPermitted
        case .unreachable: self = .unreachable
        case .connectionClosed: self = isAttached ? .interrupted : .unreachable
        case .violation: self = .protocolError
        }
    }
}
