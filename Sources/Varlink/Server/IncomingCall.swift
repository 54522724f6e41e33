import CorundLoop

/// A call on its way into a handler.
package struct IncomingCall {
    let offered: OfferedMethod
    /// Valid until the handler returns.
    package let parameters: CallParameters
    package let flags: CallFlags
    /// Answers the call, now or later.
    package let reply: ReplyHandle

    /// The method's full name.
    package var method: String { offered.name }
    package var peer: Peer { reply.peer }
    /// The peer's user, without the rest of it: the hot path needs no more.
    package var userID: UInt32 { reply.connection.peer.userID }

    /// The parameters as a value.
    ///
    /// - Throws: `InvalidParameter` with the path of what is wrong.
    package func decodeParameters<Parameters: Decodable>() throws(VarlinkError) -> Parameters {
        do {
            return try RawJSON(unchecked: Array(parameters.text)).decode()
        } catch let error as DecodingError {
            throw .invalidParameter(error.explanation.path)
        } catch {
            throw .invalidParameter("")
        }
    }
}

/// Answers one call.
///
/// It may be kept; it belongs to the loop's thread.
package struct ReplyHandle: @unchecked Sendable {
    // SAFETY: confined to the loop's thread by contract; it is Sendable so that a handler's task, which runs on that
    // loop, may carry it.
    let connection: ServerConnection
    /// The call's place among those of the connection that are answered, or among those that are not.
    let number: Int
    let isOneway: Bool

    /// Who called.
    package var peer: Peer { connection.peer }

    /// Sends a reply whose parameters, a JSON object, `write` appends.
    package func send(continues: Bool = false, writing write: (inout JSONWriter) -> Void) {
        if isOneway {
            if !continues { connection.onewayEnded(number) }
        } else {
            connection.reply(to: number, isFinal: !continues) { writer in
                Message.appendReply(continues: continues, to: &writer, write)
            }
        }
    }

    /// Sends a reply.
    package func send(_ parameters: some Encodable, continues: Bool = false) {
        do {
            let encoded = try RawJSON(encoding: parameters)
            send(continues: continues) { $0.raw(encoded) }
        } catch {
            abandon("a reply cannot be put into JSON: \(error)")
        }
    }

    /// Waits until the client has taken most of what was sent to it, so that a stream of replies does not pile up for
    /// one that reads slowly.
    ///
    /// - Throws: `CancellationError`, also when the client has gone.
    package func waitForRoom() async throws {
        try await connection.waitForRoom(for: isOneway ? nil : number)
    }

    /// Answers with an error.
    package func fail(_ error: VarlinkError) {
        guard !isOneway else { return connection.onewayEnded(number) }
        connection.reply(to: number, isFinal: true) { Message.appendError(error, to: &$0) }
    }

    /// Ends the connection, once earlier calls are answered, for a fault that the caller's interface has no error for.
    func abandon(_ reason: String) {
        connection.fail(reason, at: isOneway ? nil : number)
        if isOneway { connection.onewayEnded(number) }
    }

    /// Has `caller` told when the connection goes before the call is answered.
    package func setCaller(_ caller: any Caller) {
        guard !isOneway else { return }
        connection.setCaller(caller, of: number)
    }
}

/// A call that an async function works on.
package final class Call: Caller, @unchecked Sendable {
    // SAFETY: confined to the loop's thread, on which both its task and the connection live.

    /// The method's full name.
    package let method: String
    package let flags: CallFlags
    package let reply: ReplyHandle
    /// What ``VarlinkServer/assess`` said of the peer when the call came.
    package let access: UInt32
    private var task: LoopTask<Void>?

    private init(_ incoming: IncomingCall) {
        method = incoming.method
        flags = incoming.flags
        reply = incoming.reply
        access = incoming.reply.connection.access
    }

    package var peer: Peer { reply.peer }

    /// Cancels the function.
    package func callerHungUp() {
        task?.cancel()
    }

    /// Starts the function on the call's parameters; what it returns is the last reply.
    static func run<Parameters: Decodable, Result: Encodable>(
        _ incoming: IncomingCall, _ body: @escaping (Parameters, Call) async throws -> Result
    ) {
        let call = Call(incoming)
        do {
            let parameters: Parameters = try incoming.decodeParameters()
            // SAFETY: handlers and all they share belong to the loop; the task below runs there and nowhere else.
            nonisolated(unsafe) let work = { call.reply.send(try await body(parameters, call)) }
            call.task = try incoming.reply.connection.loop.spawn(name: call.method) {
                do { try await work() } catch { call.end(with: error) }
            }
            call.reply.setCaller(call)
        } catch {
            call.end(with: error)
        }
    }

    private func end(with error: any Error) {
        switch error {
        case let error as any ErrorReply: reply.fail(error.onTheWire)
        case is CancellationError where Task.isCancelled: break  // the caller hung up, or the service ends
        default: reply.abandon("\(method) failed in a way its interface does not know: \(error)")
        }
    }
}
