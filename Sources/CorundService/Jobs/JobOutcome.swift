import CorundAPI
public import Varlink

/// Why a job is asked to end before its handler is done.
///
/// (What is seldom there is kept elsewhere, for the sake of the many jobs that have room for a cause and none.)
enum CancelCause: Equatable {
    /// `Cancel`, with the reason that was given.
    indirect case request(reason: String?)
    /// The caller of an attached run went away.
    case hangUp
    /// It ran for longer than it may.
    indirect case timeout(milliseconds: Int)
    /// The daemon ends.
    case daemonEnd

    /// What a job that ends for this cause has come to.
    var state: JobState {
        switch self {
        case .request, .hangUp: .cancelled
        case .timeout: .timedOut
        case .daemonEnd: .interrupted
        }
    }
}

/// What a handler did.
enum HandlerEnd {
    case returned(RawJSON)
    case threw(any Error)
}

/// What an attempt at a job came to.
enum JobOutcome {
    case succeeded(RawJSON)
    case failed(JobFailure)
    case invalidArguments(path: String, message: String)
    case cancelled(CancelCause)

    /// Bytes of a result, so that it fits, with what else is said of a job, into the 64 MiB that a client reads; and into a
    /// row: a write that the file cannot take would be tried again and again, and keep all later ones waiting.
    static let mostResultBytes = 60 << 20

    /// A handler that answers its cancellation with a value or with another error has decided otherwise, as in asyncio:
    /// only `CancellationError` means that it was cancelled.
    init(_ end: HandlerEnd, cause: CancelCause?) {
        switch end {
        case .returned(let result) where result.bytes.count > Self.mostResultBytes: self = .failed(.tooLarge(result))
        case .returned(let result): self = .succeeded(result)
        case .threw(let error as ArgumentProblem): self = .invalidArguments(path: error.path, message: error.message)
        case .threw(is CancellationError):
            self = .cancelled(cause ?? .request(reason: "the job cancelled itself"))
        case .threw(let error as JobFailure):
            let isTooLarge = (error.result?.bytes.count ?? 0) > Self.mostResultBytes
            self = .failed(isTooLarge ? error.withoutResult : error)
        case .threw(let error): self = .failed(JobFailure(kind: "\(type(of: error))", message: "\(error)"))
        }
    }

    /// What the attempt gives, if it gives anything.
    var result: RawJSON? {
        switch self {
        case .succeeded(let result): result
        case .failed(let failure): failure.result
        case .invalidArguments, .cancelled: nil
        }
    }

    /// The error that the caller of an attached run gets; nil for a success.
    func error(id: JobID, job: String, attempt: Int) -> JobsError? {
        let id = id.description
        switch self {
        case .succeeded: return nil
        case .failed(let failure): return .jobFailed(id: id, failure: Failure(failure, attempt: attempt))
        case .invalidArguments(let path, let message):
            return .invalidArguments(job: job, path: path, message: message)
        case .cancelled(.request(let reason)): return .jobCancelled(id: id, reason: reason)
        case .cancelled(.hangUp): return .jobCancelled(id: id, reason: "its caller hung up")
        case .cancelled(.timeout(let milliseconds)): return .jobTimedOut(id: id, timeoutMilliseconds: milliseconds)
        case .cancelled(.daemonEnd): return .jobInterrupted(id: id)
        }
    }
}

/// An error that a handler throws to say exactly what the job's ``Failure`` is to say.
///
/// Any other error becomes a failure with the name of its type and its description.
public struct JobFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// For programs.
    public let kind: String
    /// For people.
    public let message: String
    /// The exit status of the program that failed, as a shell has it: 128 and the signal's number for one that a signal
    /// ended.
    ///
    /// nil when no program is meant.
    public let status: Int?
    /// What the job gives all the same: a detached job's `result`.
    public let result: RawJSON?

    /// A failure of that kind.
    public init(kind: String, message: String, status: Int? = nil, result: RawJSON? = nil) {
        self.kind = kind
        self.message = message
        self.status = status
        self.result = result
    }

    /// The message.
    public var description: String { message }

    fileprivate static func tooLarge(_ result: RawJSON) -> JobFailure {
        JobFailure(
            kind: "ResultTooLarge",
            message: "the result has \(result.bytes.count) bytes, and at most \(JobOutcome.mostResultBytes) are kept")
    }

    fileprivate var withoutResult: JobFailure { JobFailure(kind: kind, message: message, status: status) }
}

extension Failure {
    init(_ failure: JobFailure, attempt: Int) {
        self.init(kind: failure.kind, message: failure.message, attempt: attempt)
        status = failure.status
    }
}
