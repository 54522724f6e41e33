import CLinux
package import CorundLoop
import Glibc
import SystemPackage

/// Why a path cannot be listened on.
package enum ListenerError: Error, Sendable, Equatable, CustomStringConvertible {
    case pathTooLong(path: String, limit: Int)
    case inUse(path: String)
    case notASocket(path: String)
    case failed(path: String, SystemCallError)

    package var description: String {
        switch self {
        case .pathTooLong(let path, let limit):
            "the socket path \(path) is \(path.utf8.count) bytes long; Linux allows \(limit). Choose a shorter one"
        case .inUse(let path): "the socket \(path) is in use by a running daemon. Stop that one, or choose another path"
        case .notASocket(let path): "\(path) exists and is not a socket. Remove it, or choose another path"
        case .failed(let path, let error): "cannot listen on \(path): \(error.call): \(error.errno)"
        }
    }
}

/// The file of a listening socket.
///
/// A lock beside it (`PATH.lock`) says that its owner lives; the kernel lets go of the lock with the process, so that a
/// dead daemon's socket can be told from a live one's, and two daemons that start at once cannot both think the other
/// dead.
final class SocketFile {
    private let path: String
    private let lock: Descriptor
    private var identity: FileIdentity?

    private struct FileIdentity: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    /// Mode of the socket: its owner and group may connect.
    private static let mode: mode_t = 0o660

    init(path: String) throws(ListenerError) {
        guard path.utf8.count <= Int(CORUND_SOCKET_PATH_LIMIT) else {
            throw .pathTooLong(path: path, limit: Int(CORUND_SOCKET_PATH_LIMIT))
        }
        self.path = path
        do {
            lock = Descriptor(
                owning: try SystemCallError.check(
                    open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600), "open"))
        } catch { throw .failed(path: path, error) }
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            let error = SystemCallError("flock")
            throw error.errno == .wouldBlock ? .inUse(path: path) : .failed(path: path, error)
        }
    }

    func bind(_ socket: CInt) throws {
        try removeLeftover()
        try SystemCallError.check(corund_bind_unix(socket, path), "bind")
        try SystemCallError.check(chmod(path, Self.mode), "chmod")
        identity = Self.identity(of: path)
    }

    func remove() {
        guard let identity, Self.identity(of: path) == identity else { return }
        unlink(path)
    }

    /// We hold the lock: a socket that nobody answers on was left by a dead process.
    private func removeLeftover() throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw ListenerError.notASocket(path: path) }
        guard try !isAnswered() else { throw ListenerError.inUse(path: path) }
        try SystemCallError.check(unlink(path), "unlink")
    }

    /// Whether someone who does not know of the lock listens.
    ///
    /// A full queue is someone, too.
    private func isAnswered() throws -> Bool {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let probe = Descriptor(owning: try SystemCallError.check(Glibc.socket(AF_UNIX, type, 0), "socket"))
        return corund_connect_unix(probe.number, path) == 0 || errno != ECONNREFUSED
    }

    private static func identity(of path: String) -> FileIdentity? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
