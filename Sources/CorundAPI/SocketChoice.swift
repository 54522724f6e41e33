import Glibc

/// Which socket to connect to: the one that is named, else `CORUND_SOCKET`, else the user's own daemon's if there is
/// one, else the system's.
package enum SocketChoice: Equatable {
    case path(String)
    /// Nobody named a socket, and there is none where one is looked for.
    case none(tried: [String])

    /// The system daemon's socket.
    package static let systemPath = "/run/corund/corund.sock"

    /// - Parameters:
    ///   - option: the path that is named on a command line.
    ///   - environment: the value of an environment variable. An empty one counts as unset.
    ///   - exists: whether a file is there, or may be.
    package init(option: String?, environment: (String) -> String?, exists: (String) -> Bool) {
        func value(_ name: String) -> String? {
            environment(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        if let named = option ?? value("CORUND_SOCKET") {
            self = .path(named)
            return
        }
        let candidates = [value("XDG_RUNTIME_DIR").map { "\($0)/corund/corund.sock" }, Self.systemPath].compactMap(
            \.self)
        self = candidates.first(where: exists).map { .path($0) } ?? .none(tried: candidates)
    }

    /// The choice in this process's environment, as it is now.
    package static func ofThisProcess(option: String? = nil) -> SocketChoice {
        SocketChoice(option: option) { name in
            getenv(name).map { String(cString: $0) }
        } exists: { path in
            // Whatever else keeps us from looking is said better by the attempt to connect.
            access(path, F_OK) == 0 || errno != ENOENT
        }
    }

    /// The path; throws where there is none.
    package var chosen: String {
        get throws(NoDaemonError) {
            switch self {
            case .path(let path): return path
            case .none(let tried): throw NoDaemonError(tried: tried)
            }
        }
    }
}

/// Nobody named a socket, and there is none where one is looked for.
public struct NoDaemonError: Error, Equatable, CustomStringConvertible {
    /// The paths that were looked at.
    public let tried: [String]

    package init(tried: [String]) {
        self.tried = tried
    }

    /// What is missing, in words.
    public var description: String { "no daemon found: there is no \(tried.joined(separator: " and no "))" }
}
