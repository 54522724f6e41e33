import Testing

@testable import Varlink

@Suite("Server: bad input")
struct BadInputTests {
    private let test = "org.example.Test"

    @Test(
        "what is no Varlink closes the connection, with nothing but the answers to earlier calls",
        arguments: [
            "", "{", "}", "nonsense", "[]", "null", "\"x\"", "1", "{}", #"{"method":1}"#, #"{"method":null}"#,
            #"{"method":"org.example.Test.Now"}}"#, #"{"method":"org.example.Test.Now",}"#,
            #"{"method":"org.example.Test.Now","more":1}"#, #"{"method":"org.example.Test.Now","oneway":"yes"}"#,
            #"{"method":"org.example.Test.Now","parameters":{"a":}}"#, "{\"method\":\"org.example.Test.Now\u{7}\"}",
        ])
    func noVarlink(_ text: String) throws {
        try TestServer.run { server in
            let bystander = try server.client()
            try bystander.call("\(test).Hold", #"{"key":"other"}"#)
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            try client.call("\(test).Now", #"{"n":1}"#)
            try client.send(text)
            try client.call("\(test).Hold", #"{"key":"after"}"#)
            #expect(server.faults.wait(for: "closing the connection: a message is"))
            try server.expectServes()
            try server.release("a")
            #expect(try client.receive(2) == [#"{"parameters":{"key":"a"}}"#, #"{"parameters":{"n":1}}"#])
            try client.expectEnd()
            #expect(server.happenings.count(of: "after") == 0)
            try server.release("other")
            #expect(try bystander.receive() == #"{"parameters":{"key":"other"}}"#)
        }
    }

    @Test("bytes that are no UTF-8 close the connection")
    func invalidUTF8() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.send(bytes: Array(#"{"method":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8) + [0])
            try client.expectEnd()
            #expect(server.faults.count(of: "invalid UTF-8") == 1)
        }
    }

    @Test("a message of the largest size is taken; one that is longer closes the connection before it has come")
    func tooLarge() throws {
        var limits = ServerLimits()
        limits.messageSize = 10_000
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            let empty = RawClient.call("\(test).Now", #"{"x":""}"#)
            let filler = String(repeating: "x", count: limits.messageSize - empty.utf8.count)
            let largest = RawClient.call("\(test).Now", #"{"x":"\#(filler)"}"#)
            #expect(largest.utf8.count == limits.messageSize)
            try client.send(largest)
            #expect(try client.receive() == #"{"parameters":{"x":"\#(filler)"}}"#)
            // No NUL: the refusal does not wait for one.
            try client.send(bytes: Array(largest.utf8) + [7])
            try client.expectEnd()
            #expect(server.faults.count(of: "a message is longer than 10000 bytes") == 1)
        }
    }

    @Test("nesting is taken up to the limit, and deeper closes the connection")
    func nesting() throws {
        try TestServer.run { server in
            let client = try server.client()
            func parameters(_ depth: Int) -> String {  // the call is the first level, the parameters the second
                let (open, close) = (String(repeating: "[", count: depth - 2), String(repeating: "]", count: depth - 2))
                return #"{"x":\#(open)\#(close)}"#
            }
            try client.call("\(test).Now", parameters(64))
            #expect(try client.receive() == #"{"parameters":\#(parameters(64))}"#)
            try client.call("\(test).Now", parameters(65))
            try client.expectEnd()
            #expect(server.faults.count(of: "nesting deeper than 64") == 1)
        }
    }

    @Test("half a message and silence costs nobody anything, and may still be completed")
    func stall() throws {
        try TestServer.run { server in
            let client = try server.client()
            let call = Array(RawClient.call("\(test).Now", #"{"n":1}"#).utf8)
            try client.send(bytes: Array(call.prefix(20)))
            for _ in 0..<20 { try server.expectServes() }
            try client.send(bytes: call.dropFirst(20) + [0])
            #expect(try client.receive() == #"{"parameters":{"n":1}}"#)
        }
    }

    @Test("half a message and the end is noticed, and earlier calls are answered")
    func halfAMessage() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            try client.send(bytes: Array(#"{"method":"#.utf8))
            client.shutdownWriting()
            #expect(server.faults.wait(for: "stopped in the middle of a message"))
            try server.release("a")
            #expect(try client.receive() == #"{"parameters":{"key":"a"}}"#)
            try client.expectEnd()
        }
    }

    @Test("a connection that sends nothing costs nothing, and ends with the client")
    func nothing() throws {
        try TestServer.run { server in
            let silent = try server.client()
            try server.expectServes()
            silent.shutdownWriting()
            try silent.expectEnd()
            #expect(server.faults.all.isEmpty)
        }
    }
}

@Suite("Server: faults of methods")
struct MethodFaultTests {
    private let test = "org.example.Test"

    @Test(
        "a call that cannot be answered ends its connection, when the earlier ones are answered",
        arguments: ["Break", "Unencodable", "CancelItself"], [false, true])
    func unanswerable(_ method: String, sendsNoMore: Bool) throws {
        try TestServer.run { server in
            let client = try server.client()
            // In one piece: the connection is read no further once the call in the middle has failed.
            let calls = [
                RawClient.call("\(test).Hold", #"{"key":"before"}"#), RawClient.call("\(test).\(method)"),
                RawClient.call("\(test).Hold", #"{"key":"after"}"#), RawClient.call("\(test).Now"),
            ]
            try client.send(calls.joined(separator: "\0"))
            if sendsNoMore { client.shutdownWriting() }
            #expect(server.faults.wait(for: "closing the connection"))
            // Those behind it will have no answer, and are told.
            #expect(server.happenings.wait(for: "cancelled after"))
            try server.expectServes()
            #expect(server.happenings.count(of: "cancelled before") == 0)
            try server.release("before")
            #expect(try client.receive() == #"{"parameters":{"key":"before"}}"#)
            try client.expectEnd()
        }
    }

    @Test("… also when it wants no answer", arguments: ["Break", "Unencodable", "CancelItself"])
    func unanswerableOneway(_ method: String) throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).\(method)", "{}", #""oneway":true"#)
            #expect(server.faults.wait(for: "closing the connection"))
            try client.expectEnd()
        }
    }
}
