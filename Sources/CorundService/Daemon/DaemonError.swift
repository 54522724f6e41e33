/// Why a daemon cannot start.
public enum DaemonError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The folder of the socket or of the state cannot be made or written.
    case folderNotWritable(role: String, path: String, reason: String)
    /// The socket cannot be listened on.
    case socket(String)
    /// The state folder cannot be used.
    case state(String)
    /// What the service manager passed on cannot be used.
    case serviceManager(String)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .folderNotWritable(let role, let path, let reason):
            "the \(role) folder \(path) cannot be written: \(reason). Make it and give it to the daemon's user, "
                + "or name another one"
        case .socket(let reason), .state(let reason): reason
        case .serviceManager(let reason): "the service manager's message cannot be used: \(reason)"
        }
    }
}
