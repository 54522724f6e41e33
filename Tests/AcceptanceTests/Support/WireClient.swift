import CLinux
import CorundAPI
import Foundation
import Glibc
import Testing
import Varlink

/// A client that knows nothing but bytes, so that a test sees what is on the wire.
///
/// It blocks, for so long at most as
/// any test may wait.
final class WireClient {
    let path: String
    private let socket: Int32
    private var received: [UInt8] = []
    private var isClosed = false

    struct Reply {
        let text: String
        let error: String?
        let continues: Bool
        let parameters: RawJSON

        init(_ text: String) throws {
            let envelope = try RawJSON(validating: text).decode(Envelope.self)
            self.text = text
            error = envelope.error
            continues = envelope.continues ?? false
            parameters = envelope.parameters ?? .emptyObject
        }

        private struct Envelope: Decodable {
            let error: String?
            let continues: Bool?
            let parameters: RawJSON?
        }

        func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            #expect(error == nil, "\(text)")
            return try parameters.decode(type)
        }
    }

    struct Closed: Error {}

    init(path: String) throws {
        self.path = path
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: Int(Program.guardTime.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard corund_connect_unix(socket, path) == 0 else {
            let failure = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            Glibc.close(socket)
            throw failure
        }
    }

    deinit {
        close()
    }

    /// The daemon's process, which its launcher need not be.
    var serverProcess: pid_t {
        get throws {
            var (process, user, group): (pid_t, uid_t, gid_t) = (0, 0, 0)
            guard corund_peer_credentials(socket, &process, &user, &group) == 0 else { throw Closed() }
            return process
        }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(socket)
    }

    /// Sends nothing more, and still reads.
    func finishSending() {
        shutdown(socket, Int32(SHUT_WR))
    }

    // MARK: Sending

    /// Bytes as they are; false when the other side is gone.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8>) -> Bool {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// A message, with its NUL.
    func send(_ text: String) {
        send(text.utf8 + [0])
    }

    func start(_ method: String, _ parameters: String = "{}", flags: String = "") {
        send(#"{"method":"io.corund.\#(method)","parameters":\#(parameters)\#(flags)}"#)
    }

    // MARK: Receiving

    /// The next message.
    func receive() throws -> Reply {
        var searched = 0
        while true {
            if let end = received[searched...].firstIndex(of: 0) {
                defer { received.removeSubrange(...end) }
                return try Reply(String(decoding: received[..<end], as: UTF8.self))
            }
            searched = received.count
            guard try readMore() else { throw Closed() }
        }
    }

    /// Whether the other side closes without another message.
    func isClosedByPeer() throws -> Bool {
        guard received.isEmpty else { return false }
        return try !readMore()
    }

    private func readMore() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN { throw Program.TimedOut(what: "no answer") }
        guard count > 0 else { return false }
        received += buffer.prefix(count)
        return true
    }

    // MARK: Calls

    func call(_ method: String, _ parameters: String = "{}") throws -> Reply {
        start(method, parameters)
        return try receive()
    }

    /// All replies to a call with `more`.
    func stream(_ method: String, _ parameters: String = "{}") throws -> [Reply] {
        start(method, parameters, flags: #","more":true"#)
        var replies = [try receive()]
        while replies.last?.continues == true { replies.append(try receive()) }
        return replies
    }

    /// The id of a job that was submitted.
    func submit(_ job: String, _ arguments: String = "{}", _ more: String = "") throws -> String {
        let reply = try call("Jobs.Submit", #"{"submission":{"job":"\#(job)","arguments":\#(arguments)\#(more)}}"#)
        return try reply.decode(SubmitResult.self).id
    }

    func job(_ method: String, _ id: String) throws -> Job {
        try call("Jobs.\(method)", #"{"id":"\#(id)"}"#).decode(JobResult.self).job
    }

    /// Waits until the job's start is recorded, and its handler called.
    func hasBegun(_ id: String) throws -> Bool {
        try hasBecome(.running, id)
    }

    /// Waits until the job is, or has been, in that state; false when it ends before.
    func hasBecome(_ state: JobState, _ id: String) throws -> Bool {
        let watcher = try WireClient(path: path)
        watcher.start("Jobs.Watch", #"{"id":"\#(id)"}"#, flags: #","more":true"#)
        while true {
            let reply = try watcher.receive()
            guard reply.continues else { return false }
            if try reply.decode(EventResult.self).event.state == state { return true }
        }
    }

    func statistics() throws -> Statistics {
        try call("Service.Statistics").decode()
    }

    /// Whether an echo comes back.
    func isServed() throws -> Bool {
        try call("Jobs.Run", #"{"job":"echo","arguments":[1]}"#).text == #"{"parameters":{"result":[1]}}"#
    }
}
