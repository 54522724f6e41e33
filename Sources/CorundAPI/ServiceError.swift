package import Varlink

/// The errors of `io.corund.Service`.
public enum ServiceError: Error, Sendable, Equatable {
    /// The daemon has no group of that name.
    case noSuchGroup(group: String)
    /// The configuration cannot be taken; the old one stays in force.
    ///
    /// The file is empty when it is not a file's problem, and the line is 0 when it is not a line's.
    case configurationInvalid(file: String, line: Int, message: String)
}

extension ServiceError: ErrorReply {
    /// The error on the wire.
    package var onTheWire: VarlinkError {
        let (name, parameters) =
            switch self {
            case .noSuchGroup(let group): ("NoSuchGroup", Parameters(group: group))
            case .configurationInvalid(let file, let line, let message):
                ("ConfigurationInvalid", Parameters(file: file, line: line, message: message))
            }
        do {
            return VarlinkError("\(InterfaceName.service).\(name)", parameters: try RawJSON(encoding: parameters))
        } catch {
            preconditionFailure("an error of strings and numbers can be encoded: \(error)")
        }
    }

    /// The error that a reply means; nil when it is none of the interface's.
    package init?(_ error: VarlinkError) {
        let prefix = InterfaceName.service + "."
        guard error.name.hasPrefix(prefix), let parameters = try? error.parameters.decode(Parameters.self) else {
            return nil
        }
        switch error.name.dropFirst(prefix.count) {
        case "NoSuchGroup": self = .noSuchGroup(group: parameters.group ?? "")
        case "ConfigurationInvalid":
            self = .configurationInvalid(
                file: parameters.file ?? "", line: parameters.line ?? 0, message: parameters.message ?? "")
        default: return nil
        }
    }

    /// All parameters that any of the errors has, by their names on the wire.
    private struct Parameters: Codable {
        var group: String?
        var file: String?
        var line: Int?
        var message: String?
    }
}

extension ServiceError: CustomStringConvertible {
    /// What is wrong, in words.
    public var description: String {
        switch self {
        case .noSuchGroup(let group): "there is no group called \(group); `corund-ctl stats` lists them"
        case .configurationInvalid(let file, let line, let message):
            "\(Self.place(file, line))\(message); the configuration stays as it was"
        }
    }

    private static func place(_ file: String, _ line: Int) -> String {
        if file.isEmpty { return "" }
        return line > 0 ? "\(file):\(line): " : "\(file): "
    }
}
