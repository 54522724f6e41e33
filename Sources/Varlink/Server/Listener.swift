import CLinux
package import CorundLoop
import Glibc
import SystemPackage

/// A Unix socket that clients connect to.
package final class Listener {
    private let socket: Descriptor
    private var file: SocketFile?

    /// Clients that the kernel keeps waiting for an accept; it cuts this to `net.core.somaxconn`.
    private static let backlog: CInt = 4096

    /// Binds to `path`, with the mode 0660, replacing a socket that a dead process left there.
    ///
    /// - Throws: ``ListenerError`` when the path cannot be used; nothing is changed then.
    package init(path: String) throws(ListenerError) {
        let file = try SocketFile(path: path)
        do {
            socket = Descriptor(owning: try Self.makeSocket())
            try file.bind(socket.number)
            try SystemCallError.check(Glibc.listen(socket.number, Self.backlog), "listen")
        } catch let error as SystemCallError {
            throw .failed(path: path, error)
        } catch let error as ListenerError {
            throw error
        } catch {
            preconditionFailure("only the errors above are thrown here: \(error)")
        }
        self.file = file
    }

    /// Takes over a listening socket that someone else made, such as the service manager, and leaves its file alone.
    package init(adopting socket: consuming Descriptor) throws(SystemCallError) {
        let flags = try SystemCallError.check(fcntl(socket.number, F_GETFL), "fcntl F_GETFL")
        try SystemCallError.check(fcntl(socket.number, F_SETFL, flags | O_NONBLOCK), "fcntl F_SETFL")
        self.socket = socket
    }

    var number: CInt { socket.number }

    /// The next client; nil when none waits.
    func accept() throws(SystemCallError) -> Descriptor? {
        let client = corund_accept(number)
        guard client < 0 else { return Descriptor(owning: client) }
        switch errno {
        case EAGAIN, ECONNABORTED, EINTR: return nil
        default: throw SystemCallError("accept4")
        }
    }

    /// Removes the socket's file if it is still ours; no client can connect any more. (One that was adopted goes on to
    /// queue clients for whoever accepts next.)
    func close() {
        file?.remove()
        file = nil
    }

    private static func makeSocket() throws(SystemCallError) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return try SystemCallError.check(Glibc.socket(AF_UNIX, type, 0), "socket")
    }
}
