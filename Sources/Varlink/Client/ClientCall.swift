import CorundLoop
import DequeModule

/// The replies to one call, as they come.
package final class ClientCall: AsyncSequence, AsyncIteratorProtocol, @unchecked Sendable {
    // SAFETY: confined to the loop's thread, like its connection; `onCancel` hands over to it.
    package typealias Element = RawJSON

    private let connection: ClientConnection
    private var replies = Deque<Result<RawJSON, any Error>>()
    private var isFinished = false
    private var waiter: UnsafeContinuation<RawJSON?, any Error>?

    init(_ connection: ClientConnection) {
        self.connection = connection
    }

    package func makeAsyncIterator() -> ClientCall { self }

    /// The next reply; nil after the last one.
    ///
    /// - Throws: ``VarlinkError`` when the service answers with one, ``ClientError``, `CancellationError`,
    ///   `EventLoopError.wrongThread`.
    package func next() async throws -> RawJSON? {
        try Task.checkCancellation()
        guard connection.loop.isOnItsThread else { throw EventLoopError.wrongThread }
        if let reply = replies.popFirst() { return try reply.get() }
        guard !isFinished else { return nil }
        return try await connection.loop.cancellableWait {
            waiter = $0
        } onCancel: {
            try? connection.loop.callSoonThreadSafe { [self] in
                waiter?.resume(throwing: CancellationError())
                waiter = nil
            }
        }
    }

    func receive(_ reply: ReplyEnvelope) {
        isFinished = !reply.continues
        if let error = reply.error {
            deliver(.failure(VarlinkError(error, parameters: reply.parameters)))
        } else {
            deliver(.success(reply.parameters))
        }
    }

    func finish(_ error: any Error) {
        isFinished = true
        deliver(.failure(error))
    }

    private func deliver(_ reply: Result<RawJSON, any Error>) {
        guard let waiter else { return replies.append(reply) }
        self.waiter = nil
        switch reply {
        case .success(let parameters): waiter.resume(returning: parameters)
        case .failure(let error): waiter.resume(throwing: error)
        }
    }
}
