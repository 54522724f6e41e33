import CorundLoop
import SystemPackage
import Testing

@testable import Varlink

@Suite("Server: what a caller must have")
struct AccessRequirementTests {
    private static let denied = #"{"error":"org.varlink.service.PermissionDenied","parameters":{}}"#
    private static let reads: UInt32 = 1
    private static let writes: UInt32 = 2

    private static func interface(_ happenings: Happenings) -> Interface {
        var interface = Interface(
            name: "org.example.Access", description: "", requirement: AccessRequirement(anyOf: writes))
        func add(_ name: String, to interface: inout Interface) {
            interface.method(name) { (_: NoParameters, call) in
                happenings.tell("\(name) with \(call.access)")
                return NoParameters()
            }
        }
        add("Write", to: &interface)
        interface.require(AccessRequirement(anyOf: reads | writes)) { interface in
            add("Both", to: &interface)
            interface.require(AccessRequirement(anyOf: reads) { .permissionDenied("\($0) is for readers") }) {
                add("Read", to: &$0)
            }
        }
        add("WriteToo", to: &interface)
        return interface
    }

    /// Runs `body` with a server at which each client may do what the number says that is its user.
    private func run(_ body: (TestServer, (UInt32) throws -> RawClient) throws -> Void) throws {
        let server = try TestServer { [Self.interface($1), TestMethods(loop: $0, happenings: $1).interface] }
        try server.onLoop { server, _ in server.assess = { $0.userID } }
        try body(server) { access in
            try server.onLoop { server, _ in
                server.identify = { _ in Peer(processID: 1, userID: access, groupID: 1) }
            }
            let client = try server.client()
            try client.call("org.example.Test.Echo", #"{"value":"in"}"#)  // accepted, as that one
            #expect(try client.receive() == #"{"parameters":{"value":"in"}}"#)
            return client
        }
        try server.beginStop()
        try server.waitUntilStopped()
    }

    private func answer(_ client: RawClient, _ method: String) throws -> String? {
        try client.call("org.example.Access.\(method)")
        return try client.receive()
    }

    @Test("a method answers those who have any of the bits, and the others are told what it takes")
    func matrix() throws {
        try run { server, connect in
            for (access, allowed) in [
                (0, []), (Self.reads, ["Both", "Read"]), (Self.writes, ["Write", "Both", "WriteToo"]),
                (Self.reads | Self.writes, ["Write", "Both", "Read", "WriteToo"]), (4, []),
            ] as [(UInt32, [String])] {
                let client = try connect(access)
                for method in ["Write", "Both", "Read", "WriteToo"] where allowed.contains(method) {
                    #expect(try answer(client, method) == #"{"parameters":{}}"#)
                    #expect(server.happenings.wait(for: "\(method) with \(access)"))
                }
                for method in ["Write", "Both", "WriteToo"] where !allowed.contains(method) {
                    #expect(try answer(client, method) == Self.denied)
                }
                client.close()
            }
        }
    }

    @Test("a denial says what the method's requirement says")
    func words() throws {
        try run { _, connect in
            let client = try connect(Self.writes)
            let answer = try answer(client, "Read")
            let words = #"{"message":"org.example.Access.Read is for readers"}"#
            #expect(answer == #"{"error":"org.varlink.service.PermissionDenied","parameters":\#(words)}"#)
        }
    }

    @Test("what has no requirement, and the service's own interface, is for everybody")
    func everybody() throws {
        try run { _, connect in
            let client = try connect(0)
            try client.call("org.varlink.service.GetInfo")
            #expect(try client.receive().hasPrefix(#"{"parameters":{"vendor""#) == true)
            try client.call("org.example.Access.Nothing")
            #expect(try client.receive().contains("MethodNotFound") == true)
        }
    }

    @Test("one who is denied a call that wants no answer is not told, and nothing happens; the connection stays")
    func oneway() throws {
        try run { server, connect in
            let client = try connect(Self.reads)
            try client.call("org.example.Access.Write", "{}", #""oneway":true"#)
            #expect(try answer(client, "Read") == #"{"parameters":{}}"#)
            #expect(server.happenings.count(of: "Write") == 0)
        }
    }

    @Test("a new assessment counts from the next call on, also for those who are connected")
    func reassessment() throws {
        try run { server, connect in
            let clients = [try connect(Self.reads), try connect(Self.writes)]
            #expect(try answer(clients[0], "Write") == Self.denied)
            #expect(try answer(clients[1], "Write") == #"{"parameters":{}}"#)
            try server.onLoop { server, _ in server.assess = { $0.userID ^ 3 } }
            #expect(try answer(clients[0], "Write") == #"{"parameters":{}}"#)
            #expect(try answer(clients[1], "Write") == Self.denied)
        }
    }

    @Test("each client is assessed once, when it connects")
    func once() throws {
        try run { server, connect in
            let happenings = server.happenings
            try server.onLoop { server, _ in
                server.assess = { peer in
                    happenings.tell("assessed \(peer.userID)")
                    return peer.userID
                }
            }
            let client = try connect(Self.writes)
            for _ in 0..<3 { #expect(try answer(client, "Write") == #"{"parameters":{}}"#) }
            #expect(happenings.count(of: "assessed 2") == 1)
        }
    }

    // MARK: Strangers

    /// A call of so many bytes, and its answer.
    private func echo(bytes: Int) -> (call: String, answer: String) {
        let empty = RawClient.call("org.example.Test.Echo", #"{"value":""}"#)
        let parameters = #"{"value":"\#(String(repeating: "x", count: bytes - empty.utf8.count))"}"#
        return (RawClient.call("org.example.Test.Echo", parameters), #"{"parameters":\#(parameters)}"#)
    }

    @Test("a message of a stranger has 4 KiB, and a longer one closes the connection before it has come")
    func strangerMessageSize() throws {
        try run { server, connect in
            let (stranger, known) = (try connect(0), try connect(Self.reads))
            try stranger.send(echo(bytes: 4096).call)
            #expect(try stranger.receive() == echo(bytes: 4096).answer)
            // No NUL: the refusal does not wait for one.
            try stranger.send(bytes: Array(echo(bytes: 5 << 10).call.utf8))
            try stranger.expectEnd()
            #expect(server.faults.count(of: "a message is longer than 4096 bytes") == 1)
            try known.send(echo(bytes: 500_000).call)
            #expect(try known.receive() == echo(bytes: 500_000).answer)
        }
    }

    @Test("a role that is given or taken later changes the bound of those who are connected")
    func boundFollowsAccess() throws {
        try run { server, connect in
            let client = try connect(0)
            let (call, answer) = echo(bytes: 5 << 10)
            try server.onLoop { server, _ in server.assess = { _ in Self.reads } }
            for _ in 0..<2 {
                try client.send(call)
                #expect(try client.receive() == answer)
            }
            try server.onLoop { server, _ in server.assess = { _ in 0 } }
            try client.call("org.example.Test.Echo", #"{"value":"in"}"#)
            #expect(try client.receive() == #"{"parameters":{"value":"in"}}"#)
            try client.send(call)
            try client.expectEnd()
        }
    }

    @Test("strangers of one user have 16 connections, others have more; one who has a role by then is let in")
    func strangerConnections() throws {
        try run { server, connect in
            let known = try (0..<17).map { _ in try connect(Self.reads) }
            let strangers = try (0..<16).map { _ in try connect(0) }
            for _ in 0..<3 { try server.client().expectEnd() }
            #expect(server.faults.count(of: "refusing a connection: the user has 16 already") == 3)
            try server.onLoop { server, _ in server.assess = { _ in Self.reads } }
            let late = try connect(0)
            for client in known + strangers + [late] {
                try client.call("org.varlink.service.GetInfo")
                #expect(try client.receive().hasPrefix(#"{"parameters":{"vendor""#) == true)
            }
        }
    }

    @Test("a stranger's bounds are never above the others'")
    func strangersHaveNoMore() {
        var limits = ServerLimits()
        (limits.messageSize, limits.connectionsPerUser) = (100, 3)
        #expect([0, Self.reads].map(limits.messageSize) == [100, 100])
        #expect([0, Self.reads].map(limits.connections) == [3, 3])
    }
}
