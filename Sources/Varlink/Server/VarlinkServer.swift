package import CorundLoop
import Glibc
import SystemPackage

/// Serves Varlink interfaces to the clients of a Unix socket, on one loop.
///
/// Calls of one connection run concurrently and are answered in order. What one client does (floods, stalls in the
/// middle of a message, does not read, disappears) costs the others nothing but their share of the loop.
package final class VarlinkServer {
    package let loop: EventLoop
    /// What clients may ask; a change counts from what is read and accepted next.
    package var limits: ServerLimits
    /// What a peer may do, as bits that ``AccessRequirement`` speaks of; one without any is a stranger, for whom
    /// ``ServerLimits`` has bounds of their own.
    ///
    /// It is asked once for each connection; set anew, it is asked for all of them again, and what it says counts from
    /// the next call on.
    package var assess: (Peer) -> UInt32 = { _ in .max } {
        didSet { for connection in connections.values { connection.access = assess(connection.peer) } }
    }
    /// Who is at the other end of a socket: the seam between the server and the kernel's credentials.
    package var identify: (CInt) throws(SystemCallError) -> Peer = { socket throws(SystemCallError) in
        try Peer(of: socket)
    }
    /// Told of what a client did wrong, for the log.
    private let onFault: (String, Peer) -> Void

    private let service: ServiceInfo
    private var methods = OfferedMethods([])
    private var listener: Listener?
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var connectionsByUser: [UInt32: Int] = [:]
    // SAFETY: one buffer for all reads; a read's messages are handled before the next one is made, on one thread.
    let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: VarlinkServer.readSize)

    /// The members of the parameters of the call that is being dispatched: one list for all, as with reads.
    var members: [JSONMember] = []

    private static let readSize = 64 << 10
    /// Connections accepted in one tick, so that a storm of them leaves the others their turn.
    private static let acceptsPerTick = 64
    /// How long not to accept when the process is out of descriptors or memory: the kernel does not say when it has some
    /// again.
    private static let pauseWhenExhausted = Duration.milliseconds(100)

    /// A server that nobody can reach yet.
    package init(
        loop: EventLoop, service: ServiceInfo, interfaces: [Interface] = [], limits: ServerLimits = ServerLimits(),
        onFault: @escaping (String, Peer) -> Void = { _, _ in }
    ) {
        self.loop = loop
        self.service = service
        self.limits = limits
        self.onFault = onFault
        offer(interfaces)
    }

    /// Offers these interfaces, and `org.varlink.service` about them, instead of what was offered before.
    package func offer(_ interfaces: [Interface]) {
        methods = OfferedMethods(interfaces + [Interface.service(service, interfaces)])
    }

    deinit {
        scratch.deallocate()
    }

    package var connectionCount: Int { connections.count }

    /// Accepts clients from now on.
    package func listen(on listener: Listener) throws {
        self.listener = listener
        try loop.addReader(listener.number) { [unowned self] in accept() }
    }

    /// Accepts no client any more; those that are connected stay.
    package func stopListening() {
        guard let listener else { return }
        self.listener = nil
        loop.removeReader(listener.number)
        listener.close()
    }

    /// After the loop's end: writes out what clients have not taken, for at most `limit` in all, and closes.
    package func finish(within limit: Duration) {
        stopListening()
        let deadline = loop.now + limit
        while case var unsent = connections.values.compactMap({ $0.finish() }), !unsent.isEmpty {
            // All at once: a client that takes nothing must not use up the others' time.
            let left = deadline.duration(since: loop.now).clampedNanoseconds / 1_000_000
            guard left > 0, poll(&unsent, nfds_t(unsent.count), CInt(clamping: left)) != 0 else { break }
        }
        for connection in connections.values { connection.close() }
    }

    private func accept() {
        for _ in 0..<Self.acceptsPerTick {
            guard let listener else { return }
            do throws(SystemCallError) {
                guard let descriptor = try listener.accept() else { return }
                admit(descriptor)
            } catch {
                return pauseAccepting(error)
            }
        }
    }

    private func admit(_ descriptor: consuming Descriptor) {
        do { try connect(descriptor) } catch {
            log("a client could not be accepted: \(error)", .unknown)
        }
    }

    private func connect(_ descriptor: consuming Descriptor) throws {
        let peer = try identify(descriptor.number)
        let access = assess(peer)
        let limit = limits.connections(for: access)
        guard connectionsByUser[peer.userID, default: 0] < limit else {
            return log("refusing a connection: the user has \(limit) already", peer)
        }
        let connection = try ServerConnection(descriptor, peer: peer, access: access, server: self)
        connections[ObjectIdentifier(connection)] = connection
        connectionsByUser[peer.userID, default: 0] += 1
    }

    private func pauseAccepting(_ error: SystemCallError) {
        guard let listener else { return }
        log("not accepting clients for a moment: \(error)", .unknown)
        loop.removeReader(listener.number)
        acceptLater(on: listener)
    }

    private func acceptLater(on listener: Listener) {
        _ = try? loop.callLater(Self.pauseWhenExhausted) { [weak self] in
            guard let self, self.listener === listener else { return }
            do { try loop.addReader(listener.number) { [unowned self] in accept() } } catch {
                acceptLater(on: listener)  // to watch takes memory, of which there may still be none
            }
        }
    }

    func connectionDidClose(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        let left = connectionsByUser[connection.peer.userID, default: 1] - 1
        connectionsByUser[connection.peer.userID] = left == 0 ? nil : left
    }

    func log(_ message: String, _ peer: Peer) {
        onFault(message, peer)
    }

    // MARK: Dispatch

    func dispatch(
        _ envelope: CallEnvelope, _ message: UnsafeBufferPointer<UInt8>, _ flags: CallFlags,
        _ reply: consuming ReplyHandle
    ) {
        let name = UnsafeBufferPointer(rebasing: message[envelope.method ?? 0..<0])
        guard let method = methods.find(name) else { return reply.fail(methods.notFound(name)) }
        guard method.isOpen(to: reply.connection.access) else { return reply.fail(method.denial) }
        if let range = envelope.parameters, message[range.lowerBound] != UInt8(ascii: "{") {
            return reply.fail(.invalidParameter("parameters"))
        }
        let parameters = CallParameters(message: message, range: envelope.parameters, members: members)
        method.handler(IncomingCall(offered: method, parameters: parameters, flags: flags, reply: reply))
    }
}
