import CorundLoop
import Glibc
import SystemPackage
import Testing

@testable import Varlink

@Suite("Server: admission")
struct AdmissionTests {
    private let test = "org.example.Test"

    @Test("a user has so many connections, and one more is closed at once; when one ends, there is room")
    func connectionsPerUser() throws {
        var limits = ServerLimits()
        limits.connectionsPerUser = 3
        try TestServer.run(limits: limits) { server in
            let clients = try (0..<3).map { _ in try server.client() }
            for client in clients {
                try client.call("\(test).Now")
                #expect(try client.receive() == #"{"parameters":{}}"#)
            }
            for _ in 0..<5 { try server.client().expectEnd() }
            #expect(server.faults.count(of: "the user has 3 already") == 5)
            #expect(try server.connectionCount == 3)
            clients[1].shutdownWriting()
            try clients[1].expectEnd()
            try server.expectServes()
            for client in [clients[0], clients[2]] {
                try client.call("\(test).Now")
                #expect(try client.receive() == #"{"parameters":{}}"#)
                client.close()
            }
        }
    }

    @Test("a storm of clients is accepted, all of it")
    func storm() throws {
        try TestServer.run { server in
            let clients = try (0..<300).map { _ in try server.client() }
            for client in clients { try client.call("\(test).Now") }
            for client in clients { #expect(try client.receive() == #"{"parameters":{}}"#) }
        }
    }

    @Test("a server that has stopped listening serves those who are connected, and no one else")
    func stopListening() throws {
        let server = try TestServer()
        let client = try server.client()
        try client.call("\(test).Now")
        #expect(try client.receive() == #"{"parameters":{}}"#)
        try server.onLoop { server, _ in
            server.stopListening()
            server.stopListening()
        }
        #expect(throws: SystemCallError("connect", errno: .noSuchFileOrDirectory)) { try server.client() }
        try client.call("\(test).Now")
        #expect(try client.receive() == #"{"parameters":{}}"#)
        try server.beginStop()
        try server.waitUntilStopped()
    }

    @Test("out of descriptors, the loop rests, serves those who are connected, and goes on when there are some again")
    func outOfDescriptors() async throws {
        // In a process of its own: the limit is the process's.
        await #expect(processExitsWith: .success) {
            try TestServer.run { server in
                let connected = try server.client()
                try connected.call("org.example.Test.Now")
                #expect(try connected.receive() == #"{"parameters":{}}"#)
                // More than one, because a thread of the test runner may let go of a descriptor meanwhile.
                let late = (0..<8).map { _ in RawClient() }
                let hoard = DescriptorHoard()
                for (number, client) in late.enumerated() {
                    try client.connect(to: server.path)
                    try client.call("org.example.Test.Now", #"{"late":\#(number)}"#)
                }
                #expect(server.faults.wait(for: "not accepting clients for a moment"))
                // What the loop does in a while: the timer of each rest, and little else.
                let (ticks, tries) = try server.turns()
                try server.onLoop { [happenings = server.happenings] _, loop in
                    _ = try loop.callLater(.milliseconds(350)) { happenings.tell("a while") }
                }
                #expect(server.happenings.wait(for: "a while"))
                let after = try server.turns()
                #expect((2...4).contains(after.tries - tries))
                #expect(after.ticks - ticks < 30)
                try connected.call("org.example.Test.Now", #"{"n":2}"#)
                #expect(try connected.receive() == #"{"parameters":{"n":2}}"#)

                // Nothing tells the server that there are descriptors again.
                hoard.release()
                for (number, client) in late.enumerated() {
                    #expect(try client.receive() == #"{"parameters":{"late":\#(number)}}"#)
                }
            }
        }
    }

    /// All descriptors that the process may have.
    private struct DescriptorHoard {
        private var held: [CInt] = []
        private let before: rlimit

        init() {
            var limit = rlimit()
            getrlimit(Self.resource, &limit)
            before = limit
            limit.rlim_cur = 256
            setrlimit(Self.resource, &limit)
            while case let number = dup(STDIN_FILENO), number >= 0 { held.append(number) }
        }

        func release() {
            for number in held { close(number) }
            var limit = before
            setrlimit(Self.resource, &limit)
        }

        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    }
}

extension TestServer {
    /// How often the loop has turned, and how often the server has tried to accept without descriptors.
    fileprivate func turns() throws -> (ticks: UInt64, tries: Int) {
        (try onLoop { _, loop in loop.tickCount }, faults.count(of: "not accepting clients for a moment"))
    }
}

@Suite("Server: the end")
struct FinishTests {
    private let test = "org.example.Test"

    /// A server at the end of its loop, some of whose clients have not taken all of their replies.
    private func end(clients count: Int, within limit: Duration, _ body: (TestServer, [RawClient]) throws -> Void)
        throws
    {
        var limits = ServerLimits()
        limits.unsentBytes = 4 << 20
        let server = try TestServer(limits: limits, finishWithin: limit)
        let clients = try (0..<count).map { _ in try server.client() }
        for client in clients {
            try client.call("\(test).Blob", #"{"count":1,"size":2000000}"#)
            try client.call("\(test).Hold", #"{"key":"a"}"#)
        }
        #expect(server.happenings.wait(for: "holds a", times: count))
        try server.beginStop()
        try body(server, clients)
    }

    @Test("replies that clients have not taken are written out, then the connections end")
    func flushes() throws {
        try end(clients: 3, within: .seconds(30)) { server, clients in
            for client in clients {
                #expect(try client.receive().utf8.count > 2_000_000)
                try client.expectEnd()
            }
            try server.waitUntilStopped()
            #expect(server.happenings.count(of: "cancelled a") == 3)
        }
    }

    @Test("clients that take nothing cost the end its limit, and another client nothing")
    func stalledClients() throws {
        let clock = ContinuousClock()
        let time = try clock.measure {
            try end(clients: 10, within: .seconds(2)) { server, clients in
                #expect(try clients[5].receive().utf8.count > 2_000_000)
                try clients[5].expectEnd()
                try server.waitUntilStopped()
                for (index, client) in clients.enumerated() where index != 5 {
                    #expect(throws: RawClient.Failure.self) { try client.receive() }
                }
            }
        }
        #expect(time < .seconds(20))
    }

    @Test("the socket is gone after the end")
    func socketIsGone() throws {
        let server = try TestServer()
        try server.beginStop()
        try server.waitUntilStopped()
        #expect(throws: SystemCallError("connect", errno: .noSuchFileOrDirectory)) { try server.client() }
    }
}
