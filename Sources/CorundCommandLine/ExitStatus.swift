package import CorundAPI
import CorundLoop
import SystemPackage
import Varlink

/// What the command's exit status says: the contract with scripts.
///
/// The numbers are those of sysexits.h, of timeout(1) and of a shell that reports a signal.
package struct ExitStatus: RawRepresentable, Error, Sendable, Equatable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let success = ExitStatus(rawValue: 0)
    /// The job failed; or the daemon refused for a reason that has no number of its own.
    package static let failure = ExitStatus(rawValue: 1)
    /// The command line was wrong.
    package static let usage = ExitStatus(rawValue: 64)
    /// The job's arguments were wrong.
    package static let invalidArguments = ExitStatus(rawValue: 65)
    /// There is no such job, kind or group.
    package static let notFound = ExitStatus(rawValue: 66)
    /// The daemon cannot be reached, or ended before it answered.
    package static let unreachable = ExitStatus(rawValue: 69)
    /// A system call of the command itself failed.
    package static let systemError = ExitStatus(rawValue: 71)
    /// What was to be written could not be.
    package static let outputError = ExitStatus(rawValue: 74)
    /// The daemon admits nothing now.
    package static let tryAgain = ExitStatus(rawValue: 75)
    /// The daemon and the command do not understand one another; one may be older.
    package static let protocolError = ExitStatus(rawValue: 76)
    package static let notPermitted = ExitStatus(rawValue: 77)
    /// The time was up: the job's, or that of the command.
    package static let timedOut = ExitStatus(rawValue: 124)
    /// The job was cancelled, or the command was, with Ctrl-C.
    package static let cancelled = ExitStatus(rawValue: 130)
    /// Nobody reads the output any more: 128 and SIGPIPE, for where that signal is ignored.
    package static let brokenPipe = ExitStatus(rawValue: 141)
    /// The daemon ended before the job did.
    package static let interrupted = ExitStatus(rawValue: 143)
}

extension ExitStatus {
    /// That of a job that ended; nil for one that has not.
    package init?(_ job: Job) {
        self.init(job.state)
        if job.state == .failed { self = Self.of(job.failure) }
    }

    /// That of a job in a final state, as far as the state tells; nil for one that has not ended.
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

    /// That of a failed job: the status of its program, if there was one and it says that it failed.
    private static func of(_ failure: Failure?) -> ExitStatus {
        let ofPrograms = 1...255
        guard let status = failure?.status, ofPrograms.contains(status) else { return .failure }
        return ExitStatus(rawValue: Int32(status))
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
        case is ArgumentsError, is BatchInputError: self = .invalidArguments
        case OutputError.closed: self = .brokenPipe
        case is OutputError: self = .outputError
        case is NoDaemonError, is NoAnswerError: self = .unreachable
        case is DecodingError: self = .protocolError
        case is StillWaitingError: self = .timedOut
        case let error as BatchError: self.init(error.cause)
        default: self = .systemError
        }
    }

    private init(_ error: JobsError) {
        switch error {
        case .unknownJob, .noSuchJob: self = .notFound
        case .invalidArguments: self = .invalidArguments
        case .jobFailed(_, let failure): self = Self.of(failure)
        case .invalidState: self = .failure
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
