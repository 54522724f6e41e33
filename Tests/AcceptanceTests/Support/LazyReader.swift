import CLinux
import Foundation
import Glibc

/// A client that sends as long as the daemon reads, and never reads itself.
final class LazyReader {
    private let socket: Int32

    init(path: String) throws {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard corund_connect_unix(socket, path) == 0 else { throw POSIXError(.ECONNREFUSED) }
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(socket)
    }

    /// Sends `message` again and again until nothing has been taken for a while.
    func fill(with message: [UInt8]) {
        var sent = 0
        while sent < 256 << 20 {
            let offset = sent % message.count
            let count = message.withUnsafeBytes {
                send(socket, $0.baseAddress.map { $0 + offset }, $0.count - offset, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
                continue
            }
            var room = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            guard errno == EAGAIN, poll(&room, 1, 500) > 0 else { return }
        }
    }
}
