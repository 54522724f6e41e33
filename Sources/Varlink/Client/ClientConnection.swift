import CLinux
package import CorundLoop
import DequeModule
import Glibc
import SystemPackage

/// A connection to a Varlink service, on a loop.
///
/// Calls may overlap; the service answers them in order.
///
/// Everything here belongs to the loop's thread. The connection closes when nobody holds it, or a call of it, any more,
/// whichever thread lets go of it last.
package final class ClientConnection: TickEndWork, @unchecked Sendable {
    // SAFETY: confined to the loop's thread by contract; Sendable so that tasks of that loop may share it.

    let loop: EventLoop
    private let number: CInt
    /// Nil once closed.
    private var descriptor: Descriptor?
    private var decoder: FrameDecoder
    private var output = OutputBuffer()
    private var isFlushScheduled = false
    private var waitsForRoom = false
    private var calls = Deque<PendingCall>()
    private var failure: ClientError?

    /// A call that is not answered yet.
    ///
    /// A call holds its connection, so that a stream goes on when the connection is not used for anything else any
    /// more; the connection does not hold the call, and drops the replies to one that nobody reads.
    private struct PendingCall {
        weak var call: ClientCall?
    }

    private static let readSize = 64 << 10
    /// Bytes of one reply; more than any service here sends.
    private static let largestReply = 64 << 20
    private static let nestingDepth = 128
    /// A full accept queue gives EAGAIN and no readiness: the one thing that must be tried again by the clock.
    private static let connectPause = Duration.milliseconds(10)

    /// Connects to the service that listens at `path`.
    ///
    /// Waits as long as it takes when the service's queue is full; cancel the task to give up.
    ///
    /// - Throws: ``ClientError/unreachable(path:_:)``, `CancellationError`.
    package static func connect(to path: String, on loop: EventLoop) async throws -> ClientConnection {
        do {
            let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = Descriptor(owning: try SystemCallError.check(socket(AF_UNIX, type, 0), "socket"))
            while corund_connect_unix(descriptor.number, path) != 0 {
                let error = SystemCallError("connect", subject: path)
                guard error.errno == .resourceTemporarilyUnavailable else { throw error }
                try await loop.sleep(for: connectPause)
            }
            return try ClientConnection(descriptor, loop)
        } catch let error as SystemCallError {
            throw ClientError.unreachable(path: path, error)
        }
    }

    private init(_ descriptor: consuming Descriptor, _ loop: EventLoop) throws {
        number = descriptor.number
        self.descriptor = consume descriptor
        self.loop = loop
        decoder = FrameDecoder(maximumSize: Self.largestReply)
        // Weak: who lets go of it on another thread does so while the loop may be about to call this.
        try loop.addReader(number) { [weak self] in self?.readable() }
    }

    deinit {
        guard failure == nil else { return }
        if loop.isOnItsThread { loop.unwatch(number) } else { closeFromAnyThread() }
    }

    /// Tells the service at once, and has the loop do the rest: the number must stay ours until it is not watched any more.
    private func closeFromAnyThread() {
        _ = shutdown(number, CInt(SHUT_RDWR))
        guard let descriptor = descriptor.take() else { return }
        let kept = KeptDescriptor(descriptor)
        try? loop.callSoonThreadSafe { [unowned loop] in loop.unwatch(kept.descriptor.number) }
    }

    // MARK: Calls

    /// Calls `method` and waits for its reply.
    ///
    /// - Throws: ``VarlinkError`` when the service answers with one, ``ClientError``, `CancellationError`,
    ///   `EventLoopError.wrongThread` elsewhere than on the running loop of the connection.
    package func call(_ method: String, _ parameters: RawJSON = .emptyObject) async throws -> RawJSON {
        let call = start(method, parameters, [])
        guard let reply = try await call.next() else { throw failure ?? .connectionClosed }
        return reply
    }

    /// Calls `method` with `more`; the replies are read from what is returned.
    package func stream(_ method: String, _ parameters: RawJSON = .emptyObject) -> ClientCall {
        start(method, parameters, .more)
    }

    /// Calls `method` without waiting for anything; does nothing on a connection that has ended.
    package func send(_ method: String, _ parameters: RawJSON = .emptyObject) {
        guard failure == nil else { return }
        Message.appendCall(method, parameters: parameters, flags: .oneway, to: &output.writer)
        scheduleFlush()
    }

    private func start(_ method: String, _ parameters: RawJSON, _ flags: CallFlags) -> ClientCall {
        let call = ClientCall(self)
        if !loop.isOnItsThread {
            // The loop may be at work here on its own thread, or may never turn again and send it.
            call.finish(EventLoopError.wrongThread)
        } else if let failure {
            call.finish(failure)
        } else {
            calls.append(PendingCall(call: call))
            Message.appendCall(method, parameters: parameters, flags: flags, to: &output.writer)
            scheduleFlush()
        }
        return call
    }

    /// Closes the connection; what waits for a reply gets ``ClientError/connectionClosed``.
    package func close() {
        end(.connectionClosed)
    }

    private func end(_ error: ClientError) {
        guard failure == nil else { return }
        failure = error
        loop.unwatch(number)
        _ = shutdown(number, CInt(SHUT_RDWR))
        descriptor = nil
        for pending in calls { pending.call?.finish(error) }
        calls = []
    }

    // MARK: Reading

    private func readable() {
        withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 1) { scratch in
            let scratch = scratch.bindMemory(to: UInt8.self)
            let count = recv(number, scratch.baseAddress, scratch.count, 0)
            guard count > 0 else {
                if count == 0 || (errno != EAGAIN && errno != EINTR) { end(.connectionClosed) }
                return
            }
            do {
                try decoder.decode(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(scratch)[..<count])) { message in
                    try receive(message)
                    return .goOn
                }
            } catch {
                end(.violation("\(error)"))
            }
        }
    }

    private func receive(_ message: UnsafeBufferPointer<UInt8>) throws {
        let reply = try ReplyEnvelope(scanning: message, maximumDepth: Self.nestingDepth)
        guard let pending = calls.first else { throw WireViolation.notAReply("nothing was asked") }
        if !reply.continues { calls.removeFirst() }
        pending.call?.receive(reply)
    }

    // MARK: Writing

    private func scheduleFlush() {
        guard !isFlushScheduled, failure == nil else { return }
        isFlushScheduled = true
        loop.atTickEnd(self)
    }

    package func tickDidEnd() {
        isFlushScheduled = false
        guard failure == nil else { return }
        do {
            let isEmpty = try output.write(to: number)
            guard waitsForRoom == isEmpty else { return }
            waitsForRoom = !isEmpty
            if waitsForRoom {
                try loop.addWriter(number) { [weak self] in self?.scheduleFlush() }
            } else {
                loop.removeWriter(number)
            }
        } catch {
            // The service may have answered before it closed: read on. One that did not close sees that no more comes, and
            // closes when it has answered what did.
            loop.removeWriter(number)
            _ = shutdown(number, CInt(SHUT_WR))
        }
    }
}

/// A descriptor that is closed when nobody holds it any more.
private final class KeptDescriptor: Sendable {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }
}
