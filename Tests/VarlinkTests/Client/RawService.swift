import CLinux
import CorundLoop
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A service of which the test reads and writes each byte, on the client's own loop.
final class RawService: @unchecked Sendable {
    // SAFETY: confined to the thread of the loop.
    let path: String
    private let folder: TemporaryFolder
    private let loop: EventLoop
    private let listener: FileDescriptor
    private var connection: FileDescriptor?
    private var received: [UInt8] = []

    init(_ loop: EventLoop, backlog: CInt = 8) throws {
        self.loop = loop
        folder = try TemporaryFolder()
        path = folder.file("socket")
        listener = FileDescriptor(rawValue: socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        try SystemCallError.check(corund_bind_unix(listener.rawValue, path), "bind")
        try SystemCallError.check(listen(listener.rawValue, backlog), "listen")
    }

    deinit {
        close()
        try? listener.close()
    }

    /// Takes a client that has connected.
    func accept() throws {
        connection = FileDescriptor(rawValue: try SystemCallError.check(corund_accept(listener.rawValue), "accept"))
    }

    func close() {
        try? connection?.close()
        connection = nil
    }

    func send(_ text: String) throws {
        try send(bytes: Array(text.utf8) + [0])
    }

    /// Sends what must fit into the socket's buffer.
    func send(bytes: [UInt8]) throws {
        let connection = try #require(connection)
        #expect(try connection.write(contentsOf: bytes) == bytes.count)
    }

    /// The next message, without its NUL.
    func receive() async throws -> String {
        while true {
            if let end = received.firstIndex(of: 0) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try await fill() else { throw RawClient.Failure(description: "the client closed the connection") }
        }
    }

    /// Waits for the client to close; what it sent before does not matter.
    func expectEnd() async throws {
        while try await fill() {}
    }

    private func fill() async throws -> Bool {
        let connection = try #require(connection)
        try await withUnsafeThrowingContinuation { (waiter: UnsafeContinuation<Void, any Error>) in
            do {
                try loop.addReader(connection.rawValue) { [loop] in
                    loop.removeReader(connection.rawValue)
                    waiter.resume()
                }
            } catch {
                waiter.resume(throwing: error)
            }
        }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(connection.rawValue, &buffer, buffer.count, 0)
        if count > 0 { received.append(contentsOf: buffer[..<count]) }
        return count > 0
    }
}

extension FileDescriptor {
    fileprivate func write(contentsOf bytes: [UInt8]) throws -> Int {
        try bytes.withUnsafeBytes { try write($0) }
    }
}
