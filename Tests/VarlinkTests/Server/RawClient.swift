import CLinux
import CorundLoop
import Foundation
import SystemPackage
import Testing

/// A client that sends and receives bytes, and waits for them on the test's thread.
final class RawClient {
    private let number: CInt
    private var descriptor: Descriptor?
    private var received: [UInt8] = []
    /// How much of `received` has been looked at for a NUL.
    private var searched = 0

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A client that is not connected.
    init() {
        number = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        descriptor = Descriptor(owning: number)
        var limit = timeval(tv_sec: Int(Happenings.patience), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    convenience init(_ path: String) throws {
        self.init()
        try connect(to: path)
    }

    func connect(to path: String) throws {
        try SystemCallError.check(corund_connect_unix(number, path), "connect")
    }

    // MARK: Sending

    func send(bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure(description: "send: \(Errno.ofThisThread)") }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) throws {
        try send(bytes: Array(text.utf8) + [0])
    }

    /// Sends without waiting; gives how much the socket took.
    func sendWhatFits(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Self.send(number, $0) }
    }

    /// Sends a call with members such as `"more":true`.
    func call(_ method: String, _ parameters: String = "{}", _ flags: String...) throws {
        try send(Self.call(method, parameters, flags))
    }

    static func call(_ method: String, _ parameters: String = "{}", _ flags: [String] = []) -> String {
        let members = [#""method":"\#(method)""#, #""parameters":\#(parameters)"#] + flags
        return "{\(members.joined(separator: ","))}"
    }

    func shutdownWriting() {
        _ = shutdown(number, CInt(SHUT_WR))
    }

    func close() {
        descriptor = nil
    }

    /// Sends all of `bytes` and receives `replies` messages, without waiting for the one before the other is done.
    func exchange(_ bytes: [UInt8], replies: Int, _ check: (Int, String) -> Void) throws {
        var (rest, count) = (bytes[...], 0)
        while count < replies {
            var state = pollfd(fd: number, events: Int16(rest.isEmpty ? POLLIN : POLLIN | POLLOUT), revents: 0)
            guard poll(&state, 1, CInt(Happenings.patience * 1000)) > 0 else {
                throw Failure(description: "\(count) of \(replies) replies, then nothing")
            }
            if state.revents & Int16(POLLOUT) != 0 {
                rest = rest.dropFirst(max(0, rest.withUnsafeBytes { Self.send(number, $0) }))
            }
            guard state.revents & Int16(POLLIN) != 0 else { continue }
            guard try fill() else { throw Failure(description: "the server closed the connection") }
            for message in receivedMessages(atMost: replies) {
                check(count, message)
                count += 1
            }
        }
        #expect(rest.isEmpty)
        #expect(count == replies)
    }

    private func receivedMessages(atMost limit: Int) -> [String] {
        var (start, messages) = (0, [String]())
        while messages.count < limit, let end = nextNUL() {
            messages.append(String(decoding: received[start..<end], as: UTF8.self))
            start = end + 1
        }
        received.removeFirst(start)
        searched -= start
        return messages
    }

    private func nextNUL() -> Int? {
        let found = received.withUnsafeBytes { bytes in
            bytes.baseAddress.flatMap { start in
                memchr(start + searched, 0, bytes.count - searched).map { UnsafeRawPointer($0) - start }
            }
        }
        searched = found.map { $0 + 1 } ?? received.count
        return found
    }

    private static func send(_ number: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.send(number, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    // MARK: Receiving

    /// The next message, without its NUL.
    func receive() throws -> String {
        try receive(1)[0]
    }

    func receive(_ count: Int) throws -> [String] {
        var messages = receivedMessages(atMost: count)
        while messages.count < count {
            guard try fill() else { throw Failure(description: "the server closed the connection") }
            messages += receivedMessages(atMost: count - messages.count)
        }
        return messages
    }

    /// Waits for the server to close, and checks that nothing more came before.
    func expectEnd(sourceLocation: SourceLocation = #_sourceLocation) throws {
        while try fill() {}
        #expect(String(decoding: received, as: UTF8.self) == "", sourceLocation: sourceLocation)
    }

    /// Whether something came, false for the end of the stream; a reset is an end too: the kernel sends it to a client
    /// whose last bytes the server has not read.
    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(number, &buffer, buffer.count, 0)
        if count < 0 {
            if errno == ECONNRESET { return false }
            throw Failure(description: "recv: \(Errno.ofThisThread)")
        }
        received.append(contentsOf: buffer[..<count])
        return count > 0
    }
}
