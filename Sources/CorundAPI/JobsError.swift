package import Varlink

/// The errors of `io.corund.Jobs`.
public enum JobsError: Error, Sendable, Equatable {
    /// The daemon has no such kind.
    case unknownJob(job: String)
    /// There is no job of that id, or not any more.
    case noSuchJob(id: String)
    /// The arguments do not fit the kind; `path` leads to the fault.
    case invalidArguments(job: String, path: String, message: String)
    /// The job ended with an error.
    case jobFailed(id: String, failure: Failure)
    /// Somebody cancelled the job.
    case jobCancelled(id: String, reason: String?)
    /// The job's time was up.
    case jobTimedOut(id: String, timeoutMilliseconds: Int)
    /// The daemon ended before the job.
    case jobInterrupted(id: String)
    /// The job's state does not allow that.
    case invalidState(id: String, state: JobState)
    /// The daemon is ending and admits nothing.
    case draining
    /// Too many jobs wait; try again after so many milliseconds.
    case queueFull(limit: Int, retryAfterMilliseconds: Int)
    /// Jobs cannot be recorded.
    case storageUnavailable(message: String)
}

extension JobsError: ErrorReply {
    /// The error on the wire.
    package var onTheWire: VarlinkError {
        let (name, parameters) = nameAndParameters
        do {
            return VarlinkError("\(InterfaceName.jobs).\(name)", parameters: try RawJSON(encoding: parameters))
        } catch {
            preconditionFailure("an error of strings and numbers can be encoded: \(error)")
        }
    }

    private var nameAndParameters: (String, Parameters) {
        switch self {
        case .unknownJob(let job): ("UnknownJob", Parameters(job: job))
        case .noSuchJob(let id): ("NoSuchJob", Parameters(id: id))
        case .invalidArguments(let job, let path, let message):
            ("InvalidArguments", Parameters(job: job, path: path, message: message))
        case .jobFailed(let id, let failure): ("JobFailed", Parameters(id: id, failure: failure))
        case .jobCancelled(let id, let reason): ("JobCancelled", Parameters(id: id, reason: reason))
        case .jobTimedOut(let id, let timeout): ("JobTimedOut", Parameters(id: id, timeout_ms: timeout))
        case .jobInterrupted(let id): ("JobInterrupted", Parameters(id: id))
        case .invalidState(let id, let state): ("InvalidState", Parameters(id: id, state: state))
        case .draining: ("Draining", Parameters())
        case .queueFull(let limit, let pause): ("QueueFull", Parameters(limit: limit, retry_after_ms: pause))
        case .storageUnavailable(let message): ("StorageUnavailable", Parameters(message: message))
        }
    }

    /// The error that a reply means; nil when it is none of the interface's.
    package init?(_ error: VarlinkError) {
        let prefix = InterfaceName.jobs + "."
        guard error.name.hasPrefix(prefix), let parameters = try? error.parameters.decode(Parameters.self) else {
            return nil
        }
        guard let known = Self.make(error.name.dropFirst(prefix.count), parameters) else { return nil }
        self = known
    }

    private static func make(_ name: Substring, _ of: Parameters) -> JobsError? {
        let id = of.id ?? ""
        switch name {
        case "UnknownJob": return .unknownJob(job: of.job ?? "")
        case "NoSuchJob": return .noSuchJob(id: id)
        case "InvalidArguments":
            return .invalidArguments(job: of.job ?? "", path: of.path ?? "", message: of.message ?? "")
        case "JobFailed": return of.failure.map { .jobFailed(id: id, failure: $0) }
        case "JobCancelled": return .jobCancelled(id: id, reason: of.reason)
        case "JobTimedOut": return .jobTimedOut(id: id, timeoutMilliseconds: of.timeout_ms ?? 0)
        case "JobInterrupted": return .jobInterrupted(id: id)
        case "InvalidState": return of.state.map { .invalidState(id: id, state: $0) }
        case "Draining": return .draining
        case "QueueFull": return .queueFull(limit: of.limit ?? 0, retryAfterMilliseconds: of.retry_after_ms ?? 0)
        case "StorageUnavailable": return .storageUnavailable(message: of.message ?? "")
        default: return nil
        }
    }

    /// All parameters that any of the errors has, by their names on the wire.
    private struct Parameters: Codable {
        var job: String?
        var id: String?
        var path: String?
        var message: String?
        var failure: Failure?
        var reason: String?
        var timeout_ms: Int?
        var state: JobState?
        var limit: Int?
        var retry_after_ms: Int?
    }
}

extension JobsError: CustomStringConvertible {
    /// What happened, in words, and what to do where there is something.
    public var description: String {
        switch self {
        case .unknownJob(let job): "there is no kind of job called \(Self.quoted(job)); `corund-ctl kinds` lists them"
        case .noSuchJob(let id): "there is no job \(Self.quoted(id)), or it has been forgotten"
        case .invalidArguments(let job, let path, let message):
            "wrong arguments for \(job)\(path.isEmpty ? "" : ", at \(path)"): \(message)"
        case .jobFailed(_, let failure): "the job failed: \(failure.message) (\(failure.kind))"
        case .jobCancelled(_, let reason): "the job was cancelled" + (reason.map { ": \($0)" } ?? "")
        case .jobTimedOut(_, let timeout): "the job did not end within \(timeout) ms"
        case .jobInterrupted: "the daemon ended before the job did"
        case .invalidState(let id, let state): "job \(id) is \(state.rawValue), which does not allow that"
        case .draining: "the daemon is ending and admits no jobs; try again when it is back"
        case .queueFull(let limit, let pause):
            "there is no room in the queue, where at most \(limit == 1 ? "1 job waits" : "\(limit) jobs wait"); "
                + "try again in \(pause) ms"
        case .storageUnavailable(let message): "jobs cannot be recorded: \(message)"
        }
    }

    /// A name that can be seen, as that of a script's empty variable.
    private static func quoted(_ name: String) -> String { name.isEmpty ? "\"\"" : name }
}
