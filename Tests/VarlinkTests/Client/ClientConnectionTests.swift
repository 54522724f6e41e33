import CorundRunner
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Varlink

@Suite("Client")
struct ClientConnectionTests {
    private let test = "org.example.Test"

    private func json(_ text: String) throws -> RawJSON { try RawJSON(validating: text) }

    /// Runs `body` on a loop of its own, against a server, with a connection to it.
    private func withClient(_ body: @escaping @Sendable (ClientConnection, TestServer, EventLoop) async throws -> Void)
        throws
    {
        try TestServer.run { server in
            try TestLoop.run { loop in
                let client = try await ClientConnection.connect(to: server.path, on: loop)
                try await body(client, server, loop)
                client.close()
            }
        }
    }

    /// Runs `body` on a loop of its own, with a connection whose other end the test writes by hand.
    private func withRawService(
        _ body: @escaping @Sendable (ClientConnection, RawService, EventLoop) async throws -> Void
    ) throws {
        try TestLoop.run { loop in
            let service = try RawService(loop)
            let client = try await ClientConnection.connect(to: service.path, on: loop)
            try service.accept()
            try await body(client, service, loop)
            client.close()
        }
    }

    // MARK: Connecting

    @Test("nobody there is said with the path and the reason")
    func unreachable() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("socket")
        let long = "/" + String(repeating: "x", count: 200)
        try TestLoop.run { loop in
            for (path, errno) in [(missing, Errno.noSuchFileOrDirectory), (long, .fileNameTooLong)] {
                let error = SystemCallError("connect", errno: errno, subject: path)
                await #expect(throws: ClientError.unreachable(path: path, error)) {
                    try await ClientConnection.connect(to: path, on: loop)
                }
            }
        }
    }

    @Test("a service whose queue is full is waited for, and the wait can be cancelled")
    func fullQueue() throws {
        try TestLoop.run { loop in
            let service = try RawService(loop, backlog: 0)
            let first = try RawClient(service.path)
            let cancelled = try loop.spawn { _ = try await ClientConnection.connect(to: service.path, on: loop) }
            try await loop.sleep(for: .milliseconds(30))  // some tries
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let waiting = try loop.spawn { try await ClientConnection.connect(to: service.path, on: loop) }
            try service.accept()
            try await waiting.value.close()
            first.close()
        }
    }

    // MARK: Calls

    @Test("a call gives the parameters of its reply")
    func call() throws {
        try withClient { client, _, _ in
            let reply = try await client.call("\(self.test).Echo", self.json(#"{"value":"é"}"#))
            #expect(reply.description == #"{"value":"é"}"#)
            #expect(try await client.call("\(self.test).Nothing") == .emptyObject)
        }
    }

    @Test("an error is thrown with its name and parameters, and the connection goes on")
    func errors() throws {
        try withClient { client, _, _ in
            let refused = try VarlinkError("org.example.Test.Refused", parameters: self.json(#"{"value":"x"}"#))
            await #expect(throws: refused) {
                try await client.call("\(self.test).Refuse", self.json(#"{"value":"x"}"#))
            }
            await #expect(throws: VarlinkError.methodNotFound("\(self.test).No")) {
                try await client.call("\(self.test).No")
            }
            #expect(try await client.call("\(self.test).Nothing") == .emptyObject)
        }
    }

    @Test("overlapping calls each get their own reply")
    func overlapping() throws {
        try withClient { client, _, loop in
            let tasks = try (0..<500).map { number in
                try loop.spawn { try await client.call("\(self.test).Now", self.json(#"{"n":\#(number)}"#)) }
            }
            for (number, task) in tasks.enumerated() {
                #expect(try await task.value.description == #"{"n":\#(number)}"#)
            }
        }
    }

    @Test("a oneway call is sent and not waited for")
    func oneway() throws {
        try withClient { client, server, _ in
            client.send("\(self.test).Release", try self.json(#"{"key":"k"}"#))
            #expect(
                try await client.call("\(self.test).Hold", self.json(#"{"key":"k"}"#)).description == #"{"key":"k"}"#)
        }
    }

    @Test("a call larger than any socket buffer goes out, and its reply comes in")
    func large() throws {
        try withClient { client, _, _ in
            let large = try self.json(#"{"value":"\#(String(repeating: "x", count: 1_000_000))"}"#)
            #expect(try await client.call("\(self.test).Echo", large) == large)
            #expect(try await client.call("\(self.test).Echo", large) == large)
        }
    }

    // MARK: Streams

    @Test("a stream gives each reply, then ends, and stays ended")
    func stream() throws {
        try withClient { client, _, _ in
            let stream = client.stream("\(self.test).Stream", try self.json(#"{"count":100,"size":10000}"#))
            var numbers: [Int] = []
            for try await reply in stream { numbers.append(try reply.decode(TestMethods.Part.self).number) }
            #expect(numbers == Array(1...100))
            #expect(try await stream.next() == nil)
        }
    }

    @Test("a stream ends with the error that the service answers")
    func streamError() throws {
        try withRawService { client, service, _ in
            let stream = client.stream("a.B")
            #expect(try await service.receive() == #"{"method":"a.B","parameters":{},"more":true}"#)
            try service.send(#"{"parameters":{"n":1},"continues":true}"#)
            try service.send(#"{"error":"a.E"}"#)
            #expect(try await stream.next()?.description == #"{"n":1}"#)
            await #expect(throws: VarlinkError("a.E")) { try await stream.next() }
            #expect(try await stream.next() == nil)
        }
    }

    @Test("a stream holds its connection, also when nobody else does")
    func streamHoldsConnection() throws {
        try TestServer.run { server in
            try TestLoop.run { loop in
                func start() async throws -> ClientCall {
                    let client = try await ClientConnection.connect(to: server.path, on: loop)
                    return client.stream("\(self.test).Stream", try self.json(#"{"count":1000,"size":1000}"#))
                }
                var count = 0
                for try await _ in try await start() { count += 1 }
                #expect(count == 1000)
            }
        }
    }

    @Test("a stream that nobody reads any more is dropped, and later calls are answered")
    func droppedStream() throws {
        try withRawService { client, service, _ in
            weak var dropped: ClientCall?
            do {
                let stream = client.stream("a.B")
                dropped = stream
                _ = try await service.receive()
                try service.send(#"{"parameters":{"n":1},"continues":true}"#)
                #expect(try await stream.next() != nil)
            }
            #expect(dropped == nil)
            try service.send(#"{"parameters":{"n":2},"continues":true}"#)
            try service.send(#"{"parameters":{"n":3}}"#)
            try service.send(#"{"parameters":{"n":4}}"#)
            #expect(try await client.call("a.C").description == #"{"n":4}"#)
        }
    }

    // MARK: The end of a connection

    @Test("a connection that nobody holds is closed, and leaves no trace in the loop")
    func droppedConnection() throws {
        try TestServer.run { server in
            try TestLoop.run { loop in
                // Each takes the descriptor's number from the one before.
                for _ in 0..<20 {
                    let client = try await ClientConnection.connect(to: server.path, on: loop)
                    #expect(try await client.call("\(self.test).Nothing") == .emptyObject)
                }
            }
        }
    }

    @Test("calls that wait when the service closes are told, and so are later ones")
    func closedByService() throws {
        try withRawService { client, service, loop in
            let stream = client.stream("a.A")
            let call = try loop.spawn { try await client.call("a.B") }
            _ = try await service.receive()
            try service.send(#"{"parameters":{"n":1},"continues":true}"#)
            try service.send(bytes: Array(#"{"parameters":{"n":2"#.utf8))
            service.close()
            #expect(try await stream.next()?.description == #"{"n":1}"#)
            await #expect(throws: ClientError.connectionClosed) { try await stream.next() }
            #expect(try await stream.next() == nil)
            await #expect(throws: ClientError.connectionClosed) { try await call.value }
            await #expect(throws: ClientError.connectionClosed) { try await client.call("a.C") }
            client.send("a.D")
            await #expect(throws: ClientError.connectionClosed) { try await client.stream("a.E").next() }
        }
    }

    @Test("what the service answered before it closed is still read")
    func answeredThenClosed() throws {
        try withRawService { client, service, _ in
            let stream = client.stream("a.A")
            _ = try await service.receive()
            try service.send(#"{"parameters":{"n":1}}"#)
            service.close()
            client.send("a.B")  // fails with EPIPE; there is something to read yet
            #expect(try await stream.next()?.description == #"{"n":1}"#)
        }
    }

    @Test("close tells those who wait, and may be called again")
    func close() throws {
        try withRawService { client, service, loop in
            let call = try loop.spawn { try await client.call("a.B") }
            try await loop.sleep(for: .zero)
            client.close()
            client.close()
            await #expect(throws: ClientError.connectionClosed) { try await call.value }
            try await service.expectEnd()
        }
    }

    @Test(
        "a service that speaks no Varlink ends the connection, and those who wait are told why",
        arguments: [
            ("nonsense", "is not valid JSON"), ("[]", "is not valid JSON"), ("", "is not valid JSON"),
            (#"{"error":7}"#, "its error is not a string"),
        ])
    func violation(_ text: String, _ reason: String) throws {
        try withRawService { client, service, loop in
            let calls = try (0..<2).map { _ in try loop.spawn { try await client.call("a.B") } }
            _ = try await service.receive()
            try service.send(text)
            for call in calls {
                await #expect { try await call.value } throws: { error in
                    if case .violation(let why) = error as? ClientError { why.contains(reason) } else { false }
                }
            }
            try await service.expectEnd()
        }
    }

    @Test("a reply that nobody asked for is a violation")
    func unasked() throws {
        try withRawService { client, service, _ in
            try service.send(#"{"parameters":{}}"#)
            try await service.expectEnd()
            await #expect(throws: ClientError.violation("a message is no Varlink reply: nothing was asked")) {
                try await client.call("a.B")
            }
        }
    }

    // MARK: Threads

    @Test("a call elsewhere than on the connection's loop is refused, and nothing of it is sent")
    func wrongThread() throws {
        try withRawService { client, service, _ in
            let stream = client.stream("a.C")
            try await onThreadOfItsOwn {
                try Runner.run {
                    await #expect(throws: EventLoopError.wrongThread) { try await client.call("a.A") }
                    await #expect(throws: EventLoopError.wrongThread) { try await client.stream("a.B").next() }
                    await #expect(throws: EventLoopError.wrongThread) { try await stream.next() }
                }
            }
            #expect(try await service.receive().contains("a.C"))
            try service.send(#"{"parameters":{"n":1}}"#)
            #expect(try await stream.next()?.description == #"{"n":1}"#)
        }
    }

    @Test("a client that has outlived its run says so, instead of waiting for ever")
    func anotherLoop() throws {
        try TestServer.run { server in
            let client = try Runner.run {
                try await ClientConnection.connect(to: server.path, on: try #require(EventLoop.running))
            }
            #expect(throws: EventLoopError.wrongThread) { try Runner.run { try await client.call("a.A") } }
        }
    }

    @Test("a connection that is let go of on another thread is closed, and leaves no trace in the loop")
    func droppedElsewhere() throws {
        try TestLoop.run { loop in
            let service = try RawService(loop)
            func exchange(_ client: ClientConnection?) async throws {
                let stream = client?.stream("a.A")
                _ = try await service.receive()
                try service.send("{}")
                #expect(try await stream?.next() == .emptyObject)
            }
            // Each takes the descriptor's number from the one before.
            for _ in 0..<20 {
                // SAFETY: touched by one thread at a time.
                nonisolated(unsafe) var client: ClientConnection? = try await .connect(to: service.path, on: loop)
                try service.accept()
                try await exchange(client)
                try await onThreadOfItsOwn { client = nil }
                try await service.expectEnd()
                service.close()
            }
        }
    }

    // MARK: Cancellation

    @Test("a cancelled call ends at once; its reply is dropped, and the next call gets its own")
    func cancellation() throws {
        try withRawService { client, service, loop in
            let call = try loop.spawn { try await client.call("a.A") }
            _ = try await service.receive()
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            try service.send(#"{"parameters":{"for":"A"}}"#)
            try service.send(#"{"parameters":{"for":"B"}}"#)
            #expect(try await client.call("a.B").description == #"{"for":"B"}"#)
        }
    }

    @Test("a stream can be cancelled from another thread while it waits", arguments: 0..<20)
    func cancellationFromElsewhere(_: Int) throws {
        try withRawService { client, _, loop in
            let task = try loop.spawn { try await client.stream("a.A").next() }
            Thread.detachNewThread { task.cancel() }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
