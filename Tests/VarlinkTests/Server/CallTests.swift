import Glibc
import Testing

@testable import Varlink

@Suite("Server: calls")
struct CallTests {
    private let test = "org.example.Test"

    @Test("answers a call with the result of the method")
    func answers() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Echo", #"{"value":"grüße"}"#)
            #expect(try client.receive() == #"{"parameters":{"value":"grüße"}}"#)
            try client.send(#"{"method":"org.example.Test.Nothing"}"#)
            #expect(try client.receive() == #"{"parameters":{}}"#)
        }
    }

    @Test("calls run at the same time, and are answered in their order")
    func concurrentAndOrdered() throws {
        try TestServer.run { server in
            let (first, second) = (try server.client(), try server.client())
            try first.call("\(test).Hold", #"{"key":"a"}"#)
            try first.call("\(test).Hold", #"{"key":"b"}"#)
            try first.call("\(test).Now", #"{"n":3}"#)
            #expect(server.happenings.wait(for: "holds b"))
            for key in ["b", "a"] {
                try second.call("\(test).Release", #"{"key":"\#(key)"}"#)
                #expect(try second.receive() == #"{"parameters":{}}"#)
                #expect(server.happenings.wait(for: "released \(key)"))
            }
            #expect(
                try first.receive(3) == [
                    #"{"parameters":{"key":"a"}}"#, #"{"parameters":{"key":"b"}}"#, #"{"parameters":{"n":3}}"#,
                ])
        }
    }

    @Test("a stream's replies continue until the last one, also when calls follow at once")
    func streams() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Stream", #"{"count":3,"size":1}"#, #""more":true"#)
            try client.call("\(test).Now")
            #expect(
                try client.receive(4) == [
                    #"{"parameters":{"number":1,"text":"x"},"continues":true}"#,
                    #"{"parameters":{"number":2,"text":"x"},"continues":true}"#,
                    #"{"parameters":{"number":3,"text":"x"}}"#, #"{"parameters":{}}"#,
                ])
        }
    }

    @Test("a stream wants to be called with more")
    func expectedMore() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Stream", #"{"count":3,"size":1}"#)
            #expect(try client.receive() == #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#)
        }
    }

    @Test("a oneway call is carried out, and not answered", arguments: ["Echo", "Refuse", "Now", "Twice", "NoSuch"])
    func oneway(_ method: String) throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).\(method)", #"{"value":"x"}"#, #""oneway":true"#)
            try client.call("\(test).Release", #"{"key":"k"}"#, #""oneway":true"#)
            try client.call("\(test).Hold", #"{"key":"k"}"#)
            #expect(try client.receive() == #"{"parameters":{"key":"k"}}"#)
            client.shutdownWriting()
            try client.expectEnd()
        }
    }

    @Test("a oneway call counts once, however often it would be answered", arguments: ["Stream", "Either", "Twice"])
    func onewayStream(_ method: String) throws {
        var limits = ServerLimits()
        limits.callsInFlight = 2
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).\(method)", #"{"count":5,"size":1}"#, #""oneway":true"#, #""more":true"#)
            try client.call("\(test).Now")
            #expect(try client.receive() == #"{"parameters":{}}"#)
            // With the count wrong, more calls than the limit would be taken …
            for key in ["a", "b", "c"] { try client.call("\(test).Hold", #"{"key":"\#(key)"}"#) }
            #expect(server.happenings.wait(for: "holds b"))
            try server.expectServes()
            #expect(server.happenings.count(of: "holds c") == 0)
            for key in ["a", "b", "c"] { try server.release(key) }
            #expect(try client.receive(3).count == 3)
            // … and the connection never be done.
            client.shutdownWriting()
            try client.expectEnd()
        }
    }

    @Test("a oneway call is at work until its own last answer would come")
    func onewayAtWork() throws {
        var limits = ServerLimits()
        limits.callsInFlight = 2
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            try client.call("\(test).HoldOn", #"{"key":"a"}"#, #""oneway":true"#, #""more":true"#)
            try client.call("\(test).Twice", "{}", #""oneway":true"#)
            for key in ["b", "c"] { try client.call("\(test).Hold", #"{"key":"\#(key)"}"#) }
            #expect(server.happenings.wait(for: "holds b"))
            try server.expectServes()
            #expect(server.happenings.count(of: "holds c") == 0)
            try server.release("a")
            #expect(server.happenings.wait(for: "holds c"))
            for key in ["b", "c"] { try server.release(key) }
            #expect(try client.receive(2) == [#"{"parameters":{"key":"b"}}"#, #"{"parameters":{"key":"c"}}"#])
            client.shutdownWriting()
            try client.expectEnd()
        }
    }

    @Test("a second answer to a call is dropped")
    func secondAnswer() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Twice")
            try client.call("\(test).Now", #"{"n":1}"#)
            #expect(try client.receive(2) == [#"{"parameters":{"value":"first"}}"#, #"{"parameters":{"n":1}}"#])
        }
    }

    @Test("a method's error is answered, and the connection goes on")
    func errors() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Refuse", #"{"value":"no"}"#)
            #expect(try client.receive() == #"{"error":"org.example.Test.Refused","parameters":{"value":"no"}}"#)
            try client.call("\(test).Now")
            #expect(try client.receive() == #"{"parameters":{}}"#)
        }
    }

    @Test("a method knows who calls")
    func peer() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).WhoAmI")
            let reply = try client.receive()
            #expect(reply.contains(#""pid":\#(getpid())"#))
            #expect(reply.contains(#""uid":\#(getuid())"#))
            #expect(reply.contains(#""gid":\#(getgid())"#))
        }
    }

    @Test("a client that sends no more still gets its answers, then the end")
    func halfClose() throws {
        try TestServer.run { server in
            let client = try server.client()
            try client.call("\(test).Hold", #"{"key":"a"}"#)
            try client.call("\(test).Now")
            client.shutdownWriting()
            #expect(server.happenings.wait(for: "holds a"))
            try server.expectServes()
            try server.release("a")
            #expect(try client.receive(2) == [#"{"parameters":{"key":"a"}}"#, #"{"parameters":{}}"#])
            try client.expectEnd()
        }
    }

    @Test("a client that sends no more after a paused pipeline gets all answers")
    func halfCloseWhilePaused() throws {
        var limits = ServerLimits()
        limits.callsInFlight = 2
        try TestServer.run(limits: limits) { server in
            let client = try server.client()
            for number in 0..<500 { try client.call("\(test).Echo", #"{"value":"\#(number)"}"#) }
            client.shutdownWriting()
            #expect(try client.receive(500) == (0..<500).map { #"{"parameters":{"value":"\#($0)"}}"# })
            try client.expectEnd()
        }
    }
}

extension TestServer {
    /// Lets `Hold` with this key answer.
    func release(_ key: String) throws {
        let client = try client()
        try client.call("org.example.Test.Release", #"{"key":"\#(key)"}"#)
        #expect(try client.receive() == #"{"parameters":{}}"#)
        client.close()
    }
}

@Suite("Server: org.varlink.service")
struct ServiceInterfaceTests {
    /// Calls and gives the reply.
    private func ask(_ method: String, _ parameters: String = "{}") throws -> String {
        var reply = ""
        try TestServer.run { server in
            let client = try server.client()
            try client.call(method, parameters)
            reply = try client.receive()
            // The connection goes on after an error.
            try client.call("org.example.Test.Now")
            #expect(try client.receive() == #"{"parameters":{}}"#)
        }
        return reply
    }

    @Test("GetInfo tells who the service is, and its interfaces, sorted")
    func info() throws {
        let info = #"{"vendor":"v","product":"p","version":"1","url":"u","interfaces":"#
        #expect(
            try ask("org.varlink.service.GetInfo")
                == #"{"parameters":\#(info)["org.example.Test","org.varlink.service"]}}"#)
    }

    @Test("GetInterfaceDescription gives each interface's text")
    func descriptions() throws {
        #expect(
            try ask("org.varlink.service.GetInterfaceDescription", #"{"interface":"org.example.Test"}"#)
                == #"{"parameters":{"description":"interface org.example.Test\n"}}"#)
        let own = try ask("org.varlink.service.GetInterfaceDescription", #"{"interface":"org.varlink.service"}"#)
        #expect(own.contains(#"interface org.varlink.service\n"#))
        for declared in ["GetInfo", "GetInterfaceDescription", "InterfaceNotFound", "InvalidParameter", "ExpectedMore"]
        {
            #expect(own.contains(declared))
        }
    }

    @Test(
        "what cannot be found is named",
        arguments: [
            ("org.varlink.service.GetInterfaceDescription", "InterfaceNotFound", #"{"interface":"org.example.No"}"#),
            ("org.example.No.Method", "InterfaceNotFound", #"{"interface":"org.example.No"}"#),
            ("Method", "InterfaceNotFound", #"{"interface":""}"#),
            ("", "InterfaceNotFound", #"{"interface":""}"#),
            ("org.example.Test.No", "MethodNotFound", #"{"method":"org.example.Test.No"}"#),
            ("org.example.Test.", "MethodNotFound", #"{"method":"org.example.Test."}"#),
            ("org.varlink.service.No", "MethodNotFound", #"{"method":"org.varlink.service.No"}"#),
            ("org.example.Test.Later", "MethodNotImplemented", #"{"method":"org.example.Test.Later"}"#),
        ])
    func notFound(_ method: String, _ error: String, _ parameters: String) throws {
        #expect(
            try ask(method, #"{"interface":"org.example.No"}"#)
                == #"{"error":"org.varlink.service.\#(error)","parameters":\#(parameters)}"#)
    }

    @Test(
        "a wrong parameter is named by its path",
        arguments: [
            ("Echo", "{}", "value"), ("Echo", #"{"value":1}"#, "value"), ("Echo", #"{"value":null}"#, "value"),
            ("Numbers", #"{"items":[{"amount":1},{"amount":"2"}]}"#, "items[1].amount"),
            ("Numbers", #"{"items":[{}]}"#, "items[0].amount"), ("Numbers", #"{"items":{}}"#, "items"),
            ("Numbers", #"{"items":[{"amount":1.5}]}"#, "items[0].amount"),
            ("Numbers", #"{"items":[],"name":7}"#, "name"),
            ("Echo", "[]", "parameters"), ("Echo", "1", "parameters"), ("Echo", #""x""#, "parameters"),
            ("Now", "true", "parameters"),
        ])
    func invalidParameters(_ method: String, _ parameters: String, _ path: String) throws {
        #expect(
            try ask("org.example.Test.\(method)", parameters)
                == #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"\#(path)"}}"#)
    }
}
