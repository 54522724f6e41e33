import CorundAPI
import CorundLoop
import Glibc
import SystemPackage
import Varlink

/// What a person is told of an error: what was wrong, where, and what to do.
package struct Complaint: Equatable {
    package let text: String

    private init(_ text: String) {
        self.text = text
    }

    /// Nil where silence is right: for a status that says it all, and when nobody reads the output any more.
    package init?(_ error: any Error, isAttached: Bool = false) {
        switch error {
        case is ExitStatus, OutputError.closed: return nil
        case let error as JobsError: self.init(error.description.printable)
        case let error as ServiceError: self.init(error.description.printable)
        case let error as VarlinkError: self.init(Self.text(error).printable)
        case let error as ClientError: self.init(Self.text(error, isAttached: isAttached))
        case let error as ArgumentsError: self.init(error.description)
        case let error as NoDaemonError: self.init("\(error). \(Self.startIt)")
        case let error as StillWaitingError: self.init(error.description)
        case let error as BatchError: self.init(error.description)
        case let error as NoAnswerError: self.init(error.description)
        case OutputError.failed(let error):
            self.init("cannot write \(error.subject.isEmpty ? "the output" : error.subject.printable): \(error.errno)")
        case let error as DecodingError: self.init("the daemon's answer is not as this command knows it: \(error)")
        default: self.init("\(error)")
        }
    }

    /// What a person is told while the command waits for the daemon to come back.
    package static func waiting(after error: any Error) -> String {
        let reason = error as? JobsError == .draining ? "the daemon is ending" : "the daemon is gone"
        return "\(reason); waiting for it to come back (Ctrl-C gives up)"
    }

    private static func text(_ error: VarlinkError) -> String {
        switch StandardError(error) {
        case .permissionDenied(let reason?): "the daemon does not permit that: \(reason)"
        case .permissionDenied(nil):
            "the daemon does not permit you to do that. Ask its administrator for a role that does"
        case .invalidParameter(let parameter):
            "the daemon does not accept the parameter `\(parameter)`"
                + (ParameterRule(of: parameter).map { ": \($0.text)" } ?? "")
        case .expectedMore: "the method answers more than once; use --more"
        case .notUnderstood(let name):
            "the daemon has no \(name). It may be another version than this command:"
                + " `corund-ctl call org.varlink.service.GetInfo` tells which"
        case nil: "the daemon answered \(error.name) \(error.parameters.onOneLine)"
        }
    }

    private static func text(_ error: ClientError, isAttached: Bool) -> String {
        switch error {
        case .unreachable(let path, let error):
            "cannot connect to \(path): \(error.errno). \(advice(error.errno, path))"
        case .connectionClosed:
            "the daemon closed the connection before \(isAttached ? "the job had ended" : "it answered"). "
                + "It has ended, or one of its limits was exceeded (message-size, connections-per-uid, less without a "
                + "role): its log tells"
        case .violation(let reason): "the daemon's answer cannot be understood: \(reason.printable)"
        }
    }

    private static func advice(_ errno: Errno, _ path: String) -> String {
        switch errno {
        case .permissionDenied, .notPermitted: SocketGroup(of: path)?.advice ?? SocketGroup.generalAdvice
        case .connectionRefused where !isSocket(path): "That is no socket. \(startIt)"
        case .connectionRefused: "The daemon that made the socket has ended. \(startIt)"
        case .fileNameTooLong: "Linux allows 107 bytes for the path of a socket"
        default: "Is the daemon running? \(startIt)"
        }
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFSOCK
    }

    private static let startIt =
        "Start it (`systemctl start corund`, or `corund` for one of your own),"
        + " or name its socket with --socket or CORUND_SOCKET"
}

/// The daemon did not answer in time.
package struct NoAnswerError: Error, Equatable, CustomStringConvertible {
    private let path: String
    private let limit: Duration

    package init(path: String, limit: Duration) {
        self.path = path
        self.limit = limit
    }

    package var description: String {
        "not live: no answer from \(path) within \(SpanText.of(limit)). The daemon is wedged or overloaded, "
            + "or cannot start: `systemctl status corund` tells"
    }
}

/// What was waited for has not come about within the time that the command had.
package struct StillWaitingError: Error, Equatable, CustomStringConvertible {
    private let what: String
    private let limit: Duration

    /// - Parameters:
    ///   - what: such as `job 17 has not ended`.
    ///   - limit: the time that it had.
    package init(_ what: String, within limit: Duration) {
        self.what = what
        self.limit = limit
    }

    package var description: String { "\(what) within \(SpanText.of(limit))" }
}

extension ArgumentsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let source, let error): "\(source) cannot be read as JSON: \(error)"
        case .notAPair(let word):
            "the argument `\(word.printable)` is not name=value."
                + " JSON, @FILE and - stand alone, and names are not empty"
        case .notJSONValue(let word, let error):
            "the value of `\(word.printable)` cannot be read as JSON: \(error). Write name=value for a string"
        case .notText(let source): "\(source) is no text in UTF-8"
        case .repeated(let name): "the argument \(name.printable) is given twice"
        case .unreadable(let source, let error): "cannot read \(source): \(error.errno)"
        case .tooLarge(let source, let limit): "\(source) holds more than \(limit >> 20) MiB"
        }
    }
}
