/// Where the daemon's files are, by what it was told and where it runs.
///
/// Pure.
struct DaemonPaths: Equatable {
    /// The socket to listen on, when none is inherited.
    let socket: String
    /// Whether the socket's folder is ours to make.
    let makesSocketFolder: Bool

    /// - Parameters:
    ///   - configured: the socket that the configuration or a flag names.
    ///   - environment: the process's.
    ///   - userID: the process's.
    init(configured: String?, environment: [String: String], userID: UInt32) {
        if let configured {
            socket = configured
            makesSocketFolder = false
        } else if let runtime = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first {
            socket = "\(runtime)/corund.sock"
            makesSocketFolder = false
        } else if let runtime = environment["XDG_RUNTIME_DIR"], !runtime.isEmpty {
            socket = "\(runtime)/corund/corund.sock"
            makesSocketFolder = true
        } else {
            socket = userID == 0 ? "/run/corund/corund.sock" : "/run/user/\(userID)/corund/corund.sock"
            makesSocketFolder = true
        }
    }

    /// The folder that the socket is in.
    var socketFolder: String {
        guard let slash = socket.lastIndex(of: "/") else { return "." }
        return slash == socket.startIndex ? "/" : String(socket[..<slash])
    }

    /// The folder of what must survive the daemon: the configured one, the first that the service manager made, or the
    /// usual one of the user or the system.
    static func stateFolder(configured: String?, environment: [String: String], userID: UInt32) -> String {
        if let configured { return configured }
        if let state = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(state) }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/corund" }
        guard userID != 0, let home = environment["HOME"], home.hasPrefix("/") else { return "/var/lib/corund" }
        return "\(home)/.local/state/corund"
    }
}
