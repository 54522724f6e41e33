public import CorundLoop

/// Why a call got no reply from the service.
public enum ClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nobody listens at the path, or the caller may not connect.
    case unreachable(path: String, SystemCallError)
    /// The service closed the connection before it answered.
    case connectionClosed
    /// The service sent something that is no Varlink.
    case violation(String)

    /// What happened, in words.
    public var description: String {
        switch self {
        case .unreachable(let path, let error): "cannot connect to \(path): \(error.errno)"
        case .connectionClosed: "the service closed the connection before it answered"
        case .violation(let reason): "the service's answer cannot be understood: \(reason)"
        }
    }
}
