import CorundLoop
package import Varlink

/// A client that waits for jobs over restarts of the daemon.
///
/// When the connection is lost, or the daemon says that it is ending, it connects again until the daemon is back, however
/// long that takes: cancel the task to give up. Only calls that may be made twice are offered here.
///
/// It belongs to the thread of the loop that it was made on. Calls may overlap.
public final class ReconnectingClient: @unchecked Sendable {
    // SAFETY: confined to the loop's thread by contract; Sendable so that tasks of that loop may share it.

    private let path: String
    private let loop: EventLoop
    /// For the next call; nil while there is no connection.
    private var client: Client?
    /// That one, and those before it that calls still use.
    private var connections: [Connection] = []
    private var isClosed = false
    /// Whether a lost connection is made again; else it is an error of the call.
    package var isPersistent = true
    /// Called when the connection is lost, once for each call that has to be made again.
    package var onLoss: (any Error) -> Void = { _ in }

    /// A connection, for as long as somebody uses it.
    private struct Connection {
        weak var client: Client?
    }

    private init(path: String, loop: EventLoop, client: Client) {
        self.path = path
        self.loop = loop
        use(client)
    }

    /// Connects to the daemon that listens at `path`; the first time it must be there.
    ///
    /// - Throws: what ``Client/connect(to:)`` throws.
    public static func connect(to path: String) async throws -> ReconnectingClient {
        guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
        return ReconnectingClient(path: path, loop: loop, client: try await Client.connect(to: path))
    }

    /// Closes the connection for good; calls that are not answered throw.
    public func close() {
        isClosed = true
        for connection in connections { connection.client?.close() }
    }

    /// The job as it is when it has ended.
    ///
    /// - Throws: as ``Client/wait(for:)``, but neither for a lost connection nor for a daemon that is ending.
    public func wait(for id: String) async throws -> Job {
        try await persist { try await $0.wait(for: id) }
    }

    /// What happens to the job, from the event number `sequence` (from 1) on, until it has ended; no event is missed over
    /// a restart, and none comes twice.
    public func watch(_ id: String, from sequence: Int? = nil) -> Events {
        Events(self, id, from: sequence)
    }

    /// Does `body`, which may be done twice, until it has an outcome that is not the daemon's going.
    package func persist<Result>(_ body: (Client) async throws -> Result) async throws -> Result {
        var backoff = ReconnectBackoff()
        while true {
            do { return try await attempt(body) } catch { try await pause(after: error, &backoff) }
        }
    }

    /// Does `body` once, on a new connection if the last one is lost.
    package func attempt<Result>(_ body: (Client) async throws -> Result) async throws -> Result {
        let client = try await connected()
        do { return try await body(client) } catch {
            drop(client, after: error)
            throw error
        }
    }

    fileprivate func connected() async throws -> Client {
        guard loop.isOnItsThread else { throw EventLoopError.wrongThread }
        guard !isClosed else { throw ClientError.connectionClosed }
        if let client { return client }
        let client = try await Client.connect(to: path)
        guard !isClosed else { throw ClientError.connectionClosed }
        // Another call may have connected meanwhile: then each keeps its own until it is done.
        use(client)
        return client
    }

    private func use(_ client: Client) {
        connections.removeAll { $0.client == nil }
        connections.append(Connection(client: client))
        self.client = client
    }

    /// One that is draining still answers: the next attempt must be another connection's, to the next daemon.
    fileprivate func drop(_ client: Client, after error: any Error) {
        // The error first: that of a call off the loop, which may look at nothing else here, does not pass.
        if ReconnectBackoff.mayPass(error), self.client === client { self.client = nil }
    }

    /// Waits before another attempt; throws `error` when there should be none.
    fileprivate func pause(after error: any Error, _ backoff: inout ReconnectBackoff) async throws {
        guard ReconnectBackoff.mayPass(error), isPersistent, !isClosed else { throw error }
        if backoff == ReconnectBackoff() { onLoss(error) }
        // The clock, because nothing else tells: a socket that is not there has no descriptor to wait for.
        try await loop.sleep(for: backoff.nextPause(draw: .random(in: 0...1)))
    }

    /// A job's events, over as many connections as it takes.
    public final class Events: AsyncSequence, AsyncIteratorProtocol {
        private let client: ReconnectingClient
        private let id: String
        private var cursor: EventCursor
        private var backoff = ReconnectBackoff()
        private var stream: (client: Client, replies: Client.Replies<RawJSON>)?

        fileprivate init(_ client: ReconnectingClient, _ id: String, from sequence: Int?) {
            self.client = client
            self.id = id
            cursor = EventCursor(from: sequence)
        }

        /// Itself: events can be read once.
        public func makeAsyncIterator() -> Events { self }

        /// The next event; nil after the last one.
        ///
        /// - Throws: ``JobsError``, `VarlinkError`, `CancellationError`.
        public func next() async throws -> Event? {
            try await nextReply()?.event
        }

        /// The next event, and the reply that it came in.
        package func nextReply() async throws -> (event: Event, reply: RawJSON)? {
            while true {
                do {
                    guard let reply = try await replies().next() else { return nil }
                    let event = try reply.decode(EventResult.self).event
                    backoff.reset()
                    if cursor.admits(event.sequence) { return (event, reply) }
                } catch {
                    if let stream { client.drop(stream.client, after: error) }
                    stream = nil
                    try await client.pause(after: error, &backoff)
                }
            }
        }

        private func replies() async throws -> Client.Replies<RawJSON> {
            if let stream { return stream.replies }
            let parameters = try RawJSON(encoding: WatchParameters(id: id, from: cursor.next))
            let connection = try await client.connected()
            let replies = connection.stream("\(InterfaceName.jobs).Watch", parameters: parameters)
            stream = (connection, replies)
            return replies
        }
    }
}
