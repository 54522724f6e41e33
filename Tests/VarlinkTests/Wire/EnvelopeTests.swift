import Testing

@testable import Varlink

@Suite("Call envelope")
struct CallEnvelopeTests {
    /// A call as the server sees it.
    private struct Seen: Equatable {
        var method: String?
        var parameters: String?
        var flags = ""
        /// Each as `name=value`.
        var members: [String] = []
    }

    private func scan(_ text: String, depth: Int = 64) throws -> Seen {
        try Array(text.utf8).withUnsafeBufferPointer { message in
            var members = [JSONMember]()
            let envelope = try CallEnvelope(scanning: message, maximumDepth: depth, members: &members)
            func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: message[$0], as: UTF8.self) } }
            let flags = [
                (envelope.wantsMore, "more"), (envelope.isOneway, "oneway"), (envelope.wantsUpgrade, "upgrade"),
            ]
            return Seen(
                method: text(envelope.method), parameters: text(envelope.parameters),
                flags: flags.filter(\.0).map(\.1).joined(separator: " "),
                members: members.map { "\($0.name.string)=\(text($0.value) ?? "")" })
        }
    }

    @Test("finds the method, the parameters' own bytes and the flags")
    func findsEverything() throws {
        let call = #" { "more" : true, "parameters":{ "a": [1, 2] },"method":"a.b.C" ,"oneway":false} "#
        let parameters = #"{ "a": [1, 2] }"#
        #expect(
            try scan(call) == Seen(method: "a.b.C", parameters: parameters, flags: "more", members: ["a=[1, 2]"]))
    }

    @Test(
        "finds the members of the parameters, and no others",
        arguments: [
            ("{}", []), (" { } ", []), (#"{"a":1}"#, ["a=1"]), ("null", []), ("[{\"a\":1}]", []), (#""{}""#, []),
            (#" { "a" : -1.5e3 , "b":"x" } "#, ["a=-1.5e3", #"b="x""#]),
            (#"{"a":[1,[2,{"b":"]}"}]],"c":null}"#, [#"a=[1,[2,{"b":"]}"}]]"#, "c=null"]),
            (#"{"a\"b":"c\\","":{"f":{"g":[]}}}"#, [#"a"b="c\\""#, #"={"f":{"g":[]}}"#]),
            (#"{"a":1,"a":2}"#, ["a=1", "a=2"]),
        ])
    func members(_ parameters: String, _ members: [String]) throws {
        #expect(try scan(#"{"x":{"y":1},"parameters":\#(parameters),"method":"a.B","z":{}}"#).members == members)
    }

    @Test("of parameters that are given twice, the last ones count")
    func repeatedParameters() throws {
        let call = #"{"parameters":{"a":1,"b":2},"method":"a.B","parameters":{"c":3}}"#
        #expect(try scan(call) == Seen(method: "a.B", parameters: #"{"c":3}"#, members: ["c=3"]))
    }

    @Test("a call does not see the members of the one before it")
    func forgetsMembers() throws {
        var members: [JSONMember] = []
        for (call, count) in [(#"{"method":"a.B","parameters":{"a":1}}"#, 1), (#"{"method":"a.B"}"#, 0)] {
            try Array(call.utf8).withUnsafeBufferPointer { message in
                _ = try CallEnvelope(scanning: message, maximumDepth: 8, members: &members)
                #expect(members.count == count)
            }
        }
    }

    @Test(
        "knows each flag",
        arguments: [
            (#""more":true"#, "more"), (#""oneway":true"#, "oneway"), (#""upgrade":true"#, "upgrade"),
            (#""more":false"#, ""), (#""oneway":null"#, ""), (#""upgrade":null"#, ""),
            (#""more":true,"oneway":true"#, "more oneway"), (#""more":true,"more":false"#, ""),
        ])
    func flags(_ members: String, _ flags: String) throws {
        #expect(try scan(#"{"method":"a.B",\#(members)}"#).flags == flags)
    }

    @Test("absent and null parameters are none", arguments: ["", #","parameters":null"#])
    func noParameters(_ member: String) throws {
        #expect(try scan(#"{"method":"a.B"\#(member)}"#) == Seen(method: "a.B"))
    }

    @Test(
        "parameters of any type are found; what they may be is the server's business", arguments: ["[]", "1", "\"\""])
    func oddParameters(_ text: String) throws {
        #expect(try scan(#"{"method":"a.B","parameters":\#(text)}"#).parameters == text)
    }

    @Test("unknown members are passed over, whatever they hold")
    func unknownMembers() throws {
        #expect(try scan(#"{"x":{"method":"no"},"method":"a.B","y":[{}]}"#) == Seen(method: "a.B"))
    }

    @Test("member names may be spelled with escapes")
    func escapedNames() throws {
        #expect(try scan(#"{"\u006dethod":"a.B","mor\u0065":true}"#) == Seen(method: "a.B", flags: "more"))
    }

    @Test(
        "well-formed JSON that is no call is refused",
        arguments: [
            ("{}", "it has no method"), (#"{"method":null}"#, "its method is not a string"),
            (#"{"method":1}"#, "its method is not a string"), (#"{"method":{}}"#, "its method is not a string"),
            (#"{"method":"a.B","more":1}"#, "its more is not a boolean"),
            (#"{"method":"a.B","oneway":"true"}"#, "its oneway is not a boolean"),
            (#"{"method":"a.B","upgrade":[]}"#, "its upgrade is not a boolean"),
        ])
    func noCalls(_ text: String, _ reason: String) {
        #expect(throws: WireViolation.notACall(reason)) { try scan(text) }
    }

    @Test(
        "text that is no JSON object is refused",
        arguments: [
            "", " ", "[]", "1", "\"x\"", "null", "{", #"{"method":"a.B""#, #"{"method":"a.B"}}"#, #"{"method":"a.B",}"#,
            #"{"method":"a.B"} {}"#, #"{method:"a.B"}"#, "{\"method\":\"a.\u{1}B\"}", #"{"method":"a.B","x":01}"#,
        ])
    func malformed(_ text: String) {
        #expect { try scan(text) } throws: { error in
            if case .malformed = error as? WireViolation { true } else { false }
        }
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalidUTF8() {
        let bytes = Array(#"{"method":"a.B","x":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(throws: WireViolation.self) {
            var members: [JSONMember] = []
            try bytes.withUnsafeBufferPointer {
                _ = try CallEnvelope(scanning: $0, maximumDepth: 64, members: &members)
            }
        }
    }

    @Test("nesting is taken up to the limit, the call itself included")
    func nesting() throws {
        func call(_ depth: Int) -> String {
            let (open, close) = (String(repeating: "[", count: depth - 1), String(repeating: "]", count: depth - 1))
            return #"{"method":"a.B","x":\#(open)\#(close)}"#
        }
        #expect(throws: Never.self) { try scan(call(8), depth: 8) }
        #expect { try scan(call(9), depth: 8) } throws: { error in
            guard case .malformed(let fault) = error as? WireViolation else { return false }
            return fault.reason == .nestingTooDeep(limit: 8)
        }
    }
}

@Suite("Reply envelope")
struct ReplyEnvelopeTests {
    private func scan(_ text: String) throws -> ReplyEnvelope {
        try Array(text.utf8).withUnsafeBufferPointer { try ReplyEnvelope(scanning: $0, maximumDepth: 8) }
    }

    @Test("a success: its parameters byte for byte, and nothing else")
    func success() throws {
        let reply = try scan(#" {"parameters": { "a" : 1.0 }} "#)
        #expect(reply.error == nil)
        #expect(reply.parameters.description == #"{ "a" : 1.0 }"#)
        #expect(!reply.continues)
    }

    @Test("absent and null parameters are an empty object", arguments: ["{}", #"{"parameters":null,"error":null}"#])
    func noParameters(_ text: String) throws {
        let reply = try scan(text)
        #expect(reply.error == nil)
        #expect(reply.parameters == .emptyObject)
    }

    @Test("an error: its name unescaped, its parameters, and whether more follows")
    func error() throws {
        let reply = try scan(#"{"error":"a.\u0042","parameters":{"x":1},"continues":true}"#)
        #expect(reply.error == "a.B")
        #expect(reply.parameters.description == #"{"x":1}"#)
        #expect(reply.continues)
    }

    @Test("what is no reply is refused", arguments: ["", "[]", "{", #"{"error":1}"#, #"{"error":{}}"#, "{} x"])
    func violations(_ text: String) {
        #expect(throws: WireViolation.self) { try scan(text) }
    }
}

@Suite("Messages")
struct MessageTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("are written as the protocol has them, each with its NUL")
    func golden() throws {
        let parameters = try RawJSON(validating: #"{ "x":1.0}"#)
        #expect(written { Message.appendReply(to: &$0) { $0.raw(parameters) } } == "{\"parameters\":{ \"x\":1.0}}\0")
        #expect(
            written { Message.appendReply(continues: true, to: &$0) { $0.raw(.emptyObject) } }
                == "{\"parameters\":{},\"continues\":true}\0")
        #expect(
            written { Message.appendError(VarlinkError("a.B\"", parameters: parameters), to: &$0) }
                == "{\"error\":\"a.B\\\"\",\"parameters\":{ \"x\":1.0}}\0")
        #expect(
            written { Message.appendCall("a.B", parameters: parameters, to: &$0) }
                == "{\"method\":\"a.B\",\"parameters\":{ \"x\":1.0}}\0")
        #expect(
            written { Message.appendCall("a.B", parameters: .emptyObject, flags: .more, to: &$0) }
                == "{\"method\":\"a.B\",\"parameters\":{},\"more\":true}\0")
        #expect(
            written { Message.appendCall("a.B", parameters: .emptyObject, flags: .oneway, to: &$0) }
                == "{\"method\":\"a.B\",\"parameters\":{},\"oneway\":true}\0")
    }

    @Test("the standard errors name what was not found")
    func standardErrors() {
        #expect(
            VarlinkError.interfaceNotFound("a\"b").description
                == #"org.varlink.service.InterfaceNotFound {"interface":"a\"b"}"#)
        #expect(
            VarlinkError.methodNotFound("a.B").description == #"org.varlink.service.MethodNotFound {"method":"a.B"}"#)
        #expect(
            VarlinkError.methodNotImplemented("a.B").description
                == #"org.varlink.service.MethodNotImplemented {"method":"a.B"}"#)
        #expect(
            VarlinkError.invalidParameter("a[0].b").description
                == #"org.varlink.service.InvalidParameter {"parameter":"a[0].b"}"#)
        #expect(VarlinkError.expectedMore.description == "org.varlink.service.ExpectedMore {}")
    }
}
