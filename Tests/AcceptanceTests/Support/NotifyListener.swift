import CLinux
import Foundation
import Glibc
import TestSupport

/// Stands in for the service manager: hears what a daemon says of itself.
final class NotifyListener {
    let path: String
    private let socket: Int32
    private(set) var heard: [String] = []

    init(folder: TemporaryFolder) throws {
        path = folder.file("notify")
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0, corund_bind_unix(socket, path) == 0 else { throw POSIXError(.EADDRINUSE) }
    }

    deinit {
        close(socket)
    }

    /// Waits until something with this text in it is said, and gives it.
    @discardableResult
    func wait(for text: String, within limit: Duration = Program.guardTime) throws -> String {
        let deadline = ContinuousClock.now + limit
        while let message = next(until: deadline) {
            heard.append(message)
            if message.contains(text) { return message }
        }
        throw Program.TimedOut(what: "\(text) was not said, but \(heard)")
    }

    /// Lets go of what was said and not listened to.
    func forget() {
        while let message = next(until: .now) { heard.append(message) }
    }

    private func next(until deadline: ContinuousClock.Instant) -> String? {
        let left = (deadline - .now).components
        var watched = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        guard poll(&watched, 1, Int32(max(0, milliseconds))) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
