import CLinux
import CorundLoop
import Glibc

/// One client of a server: reads its calls, keeps their replies in order, writes them out once in a tick.
///
/// The loop's watches and the server keep it until it is closed.
final class ServerConnection: TickEndWork {
    private enum Input {
        case open
        /// Not read until replies have gone out.
        case paused
        /// Nothing more comes; what was asked is still answered.
        case ended
    }

    let peer: Peer
    /// What the peer may do; see ``VarlinkServer/assess``.
    var access: UInt32
    let loop: EventLoop
    private let number: CInt
    /// Nil once closed: whoever still works on a call keeps the connection, and shall not keep the descriptor.
    private var descriptor: Descriptor?
    private let server: VarlinkServer
    private var input = Input.open
    private var isClosed = false
    private var decoder: FrameDecoder
    private var replies = ReplyQueue()
    /// Calls at work that want no answer.
    private var onewayCalls: Set<Int> = []
    private var nextOnewayCall = 0
    private var output = OutputBuffer()
    /// Bytes of the largest reply since all was sent.
    private var largestReply = 0
    private var isFlushScheduled = false
    private var waitsForWritability = false
    private lazy var roomMade = LoopSignal(loop: loop)

    init(_ descriptor: consuming Descriptor, peer: Peer, access: UInt32, server: VarlinkServer) throws {
        number = descriptor.number
        self.descriptor = consume descriptor
        self.peer = peer
        self.access = access
        self.server = server
        loop = server.loop
        decoder = FrameDecoder(maximumSize: server.limits.messageSize(for: access))
        do {
            try loop.addHangUpHandler(number) { [self] in close() }
            try loop.addReader(number) { [self] in readable() }
        } catch {
            loop.unwatch(number)  // or the first of the two would keep a connection that nobody reads
            throw error
        }
    }

    private var limits: ServerLimits { server.limits }

    // MARK: Reading

    private func readable() {
        let scratch = server.scratch
        let count = recv(number, scratch.baseAddress, scratch.count, 0)
        if count > 0 {
            take { decoder, receive in
                try decoder.decode(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(scratch)[..<count]), receive)
            }
        } else if count == 0 {
            endInput()
        } else if errno != EAGAIN, errno != EINTR {
            close()
        }
    }

    /// Runs the decoder, then pauses or goes on reading as the calls it found demand.
    private func take(
        _ decode: (inout FrameDecoder, (UnsafeBufferPointer<UInt8>) throws -> FrameDecoder.Verdict) throws -> Void
    ) {
        // Both may have changed since the last read.
        decoder.maximumSize = limits.messageSize(for: access)
        do {
            try decode(&decoder) { message in
                try receive(message)
                return input == .open && canTakeMore ? .goOn : .pause
            }
            if input == .open, !canTakeMore { pause() }
        } catch {
            fail("\(error)")
        }
    }

    private var canTakeMore: Bool {
        replies.count + onewayCalls.count < limits.callsInFlight && hasRoom
    }

    private var hasRoom: Bool { unsentBytes < limits.unsentBytes }

    private var unsentBytes: Int { output.count + replies.heldBytes }

    private func receive(_ message: UnsafeBufferPointer<UInt8>) throws {
        let envelope = try CallEnvelope(
            scanning: message, maximumDepth: limits.nestingDepth, members: &server.members)
        var flags: CallFlags = []
        if envelope.wantsMore { flags.insert(.more) }
        if envelope.isOneway { flags.insert(.oneway) }
        let number = envelope.isOneway ? openOnewayCall() : replies.open()
        let reply = ReplyHandle(connection: self, number: number, isOneway: envelope.isOneway)
        server.dispatch(envelope, message, flags, reply)
    }

    private func openOnewayCall() -> Int {
        nextOnewayCall += 1
        onewayCalls.insert(nextOnewayCall)
        return nextOnewayCall
    }

    private func pause() {
        input = .paused
        loop.removeReader(number)
        scheduleFlush()  // which resumes, as soon as there is room
    }

    private func resumeIfPossible() {
        guard input == .paused, !isClosed, canTakeMore else { return }
        input = .open
        take { decoder, receive in try decoder.resume(receive) }
        guard input == .open, !isClosed else { return }
        do { try loop.addReader(number) { [self] in readable() } } catch { close() }
    }

    /// The client sends nothing more.
    ///
    /// It may still read (`shutdown(SHUT_WR)`, as `nc -N` does).
    private func endInput() {
        loop.removeReader(number)
        input = .ended
        if !decoder.isAtBoundary { server.log("the client stopped in the middle of a message", peer) }
        closeIfDone()
    }

    // MARK: Replies

    func setCaller(_ caller: any Caller, of call: Int) {
        replies.setCaller(caller, of: call)
    }

    func reply(to call: Int, isFinal: Bool, _ write: (inout JSONWriter) -> Void) {
        guard !isClosed else { return }
        let before = unsentBytes
        replies.reply(to: call, isFinal: isFinal, output: &output.writer, write)
        largestReply = max(largestReply, unsentBytes - before)
        scheduleFlush()
    }

    /// - Parameter call: the call whose replies are to have room; nil for one that has none.
    /// - Throws: `CancellationError`, also when the connection has closed.
    func waitForRoom(for call: Int?) async throws {
        while !isClosed, !hasRoom(for: call) { try await roomMade.wait() }
        if isClosed { throw CancellationError() }
    }

    /// The first call does not wait for what is held back, which waits for that call.
    private func hasRoom(for call: Int?) -> Bool {
        guard let call, replies.isFirst(call) else { return hasRoom }
        return output.count < limits.unsentBytes
    }

    /// A call that wants no answer would have got its last one now; what else it would get does not count.
    func onewayEnded(_ call: Int) {
        guard onewayCalls.remove(call) != nil else { return }
        scheduleFlush()
    }

    /// Ends the connection for a fault that has no answer, once what was asked before is answered.
    ///
    /// When the fault is a call's, that is what was asked before that call.
    func fail(_ reason: String, at call: Int? = nil) {
        guard !isClosed else { return }
        server.log("closing the connection: \(reason)", peer)
        loop.removeReader(number)
        input = .ended
        if let call {
            for caller in replies.abandon(from: call) { caller.callerHungUp() }
        }
        scheduleFlush()
    }

    // MARK: Writing

    private func scheduleFlush() {
        guard !isFlushScheduled, !isClosed else { return }
        isFlushScheduled = true
        loop.atTickEnd(self)
    }

    func tickDidEnd() {
        isFlushScheduled = false
        guard !isClosed else { return }
        flush()
        resumeIfPossible()
        closeIfDone()
    }

    private func flush() {
        do {
            let isEmpty = try output.write(to: number)
            try waitForWritability(!isEmpty)
        } catch {
            return close()  // the client is gone
        }
        if unsentBytes == 0 { largestReply = 0 }
        // Beside the largest one: that it is large is no fault of the client's, which would ask for it again and again.
        if unsentBytes - largestReply > limits.unsentBytesAtMost {
            server.log("closing the connection: the client does not read its replies", peer)
            close()
        } else if output.count < limits.unsentBytes {
            roomMade.notify()
        }
    }

    private func waitForWritability(_ wanted: Bool) throws {
        guard wanted != waitsForWritability else { return }
        waitsForWritability = wanted
        if wanted {
            try loop.addWriter(number) { [self] in scheduleFlush() }
        } else {
            loop.removeWriter(number)
        }
    }

    // MARK: The end

    private func closeIfDone() {
        guard input == .ended, replies.isEmpty, onewayCalls.isEmpty, output.isEmpty else { return }
        close()
    }

    /// Lets go of the client; whoever still works for it is told.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        input = .ended
        loop.unwatch(number)
        _ = shutdown(number, CInt(SHUT_RDWR))
        descriptor = nil
        output = OutputBuffer()
        for caller in replies.abandon() { caller.callerHungUp() }
        roomMade.notify()
        server.connectionDidClose(self)
    }

    /// After the loop's end: writes what the client takes at once, and closes if nothing is left.
    ///
    /// - Returns: what to wait for, when something is left.
    func finish() -> pollfd? {
        guard !isClosed, (try? output.write(to: number)) == false else {
            close()
            return nil
        }
        return pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    }
}
