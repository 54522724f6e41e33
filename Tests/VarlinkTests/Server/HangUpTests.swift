import Glibc
import Testing

@testable import Varlink

@Suite("Server: hang-ups")
struct HangUpTests {
    private let test = "org.example.Test"

    @Test("a client that hangs up has its calls cancelled, and nobody else's")
    func cancels() throws {
        try TestServer.run { server in
            let (client, other) = (try server.client(), try server.client())
            try other.call("\(test).Hold", #"{"key":"other"}"#)
            for key in ["a", "b"] { try client.call("\(test).Hold", #"{"key":"\#(key)"}"#) }
            #expect(server.happenings.wait(for: "holds b"))
            #expect(server.happenings.wait(for: "holds other"))
            client.close()
            for key in ["a", "b"] { #expect(server.happenings.wait(for: "cancelled \(key)")) }
            try server.release("other")
            #expect(try other.receive() == #"{"parameters":{"key":"other"}}"#)
            other.close()
            #expect(server.happenings.count(of: "cancelled other") == 0)
            #expect(server.faults.all.isEmpty)
        }
    }

    @Test("a client that hangs up while it is not read is noticed")
    func noticedWhilePaused() throws {
        var limits = ServerLimits()
        limits.callsInFlight = 1
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            for key in ["a", "b"] { try client.call("\(test).Hold", #"{"key":"\#(key)"}"#) }
            #expect(server.happenings.wait(for: "holds a"))
            client.close()
            #expect(server.happenings.wait(for: "cancelled a"))
            try server.expectServes()
            #expect(server.happenings.count(of: "holds b") == 0)
        }
    }

    @Test("a client that hangs up after it stopped sending is noticed")
    func noticedAfterHalfClose() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            client.shutdownWriting()
            #expect(server.happenings.wait(for: "holds a"))
            try server.expectServes()
            #expect(server.happenings.count(of: "cancelled") == 0)
            client.close()
            #expect(server.happenings.wait(for: "cancelled a"))
        }
    }

    @Test("a client that hangs up in the middle of a reply ends its stream")
    func midReply() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Stream", #"{"count":1000000,"size":100000}"#, #""more":true"#)
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            _ = try client.receive()
            #expect(server.happenings.wait(for: "holds a"))
            client.close()
            #expect(server.happenings.wait(for: "cancelled a"))
            try server.expectServes()
            let parts = server.happenings.count(of: "part")
            try server.expectServes()
            #expect(server.happenings.count(of: "part") == parts)
        }
    }

    @Test("what a oneway call does goes on when its client hangs up")
    func onewayGoesOn() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#, #""oneway":true"#)
            #expect(server.happenings.wait(for: "holds a"))
            client.close()
            try server.expectServes()
            try server.release("a")
            #expect(server.happenings.wait(for: "released a"))
        }
    }

    @Test("a connection's descriptor is closed with it, whoever still works for it")
    func descriptorIsClosed() async throws {
        // In a process of its own, where nobody else opens any.
        await #expect(processExitsWith: .success) {
            // Calls that are not answered, and that keep on to the handle to answer by.
            nonisolated(unsafe) var kept: [KeptCall] = []  // touched on the loop's thread, and after its end
            let server = try TestServer { _, happenings in
                var interface = Interface(name: "org.example.Test", description: "", requirement: nil)
                interface.handle("Keep") { call in
                    kept.append(KeptCall(call.reply, happenings))
                    happenings.tell("kept")
                }
                return [interface]
            }
            let before = Self.openDescriptors
            for round in 1...50 {
                let client = try server.client()
                try client.call("org.example.Test.Keep")
                #expect(server.happenings.wait(for: "kept", times: round))
                client.close()
                #expect(server.happenings.wait(for: "hung up", times: round))
            }
            #expect(try server.connectionCount == 0)
            #expect(Self.openDescriptors - before < 10)
            try server.beginStop()
            try server.waitUntilStopped()
            #expect(kept.count == 50)
            for call in kept { call.reply.send { $0.raw(.emptyObject) } }  // to nobody
            kept = []
        }
    }

    private final class KeptCall: Caller {
        let reply: ReplyHandle
        private let happenings: Happenings

        init(_ reply: ReplyHandle, _ happenings: Happenings) {
            self.reply = reply
            self.happenings = happenings
            reply.setCaller(self)
        }

        func callerHungUp() {
            happenings.tell("hung up")
        }
    }

    private static var openDescriptors: Int {
        (0..<4096).count { fcntl($0, F_GETFD) >= 0 }
    }
}
