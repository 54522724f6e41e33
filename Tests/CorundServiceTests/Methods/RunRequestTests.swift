import Testing
@testable import CorundService
@testable import Varlink

struct RunRequestTests {
    private struct Request: Equatable {
        var job: String?
        var arguments = "{}"
        var context: String?
        var timeoutMilliseconds: Int?
        var isKept = false
    }

    private static func scan(_ text: String) throws -> Request {
        try Array(#"{"method":"Run","parameters":\#(text)}"#.utf8).withUnsafeBufferPointer { bytes in
            let request = try RunRequest(CallParameters(scanning: bytes))
            return Request(
                job: String(decoding: bytes[request.job], as: UTF8.self),
                arguments: request.arguments.description, context: request.context,
                timeoutMilliseconds: request.timeoutMilliseconds, isKept: request.isKept)
        }
    }

    @Test func theJobAloneIsEnough() throws {
        #expect(try Self.scan(#"{"job":"echo"}"#) == Request(job: "echo"))
    }

    @Test func everyParameterIsFoundInAnyOrder() throws {
        let text = #" { "keep" : true , "timeout_ms":1500,"arguments":[1, {"a":null}],"context":"mine","job":"echo" } "#
        let expected = Request(
            job: "echo", arguments: #"[1, {"a":null}]"#, context: "mine", timeoutMilliseconds: 1500, isKept: true)
        #expect(try Self.scan(text) == expected)
    }

    @Test func nullIsAsGoodAsAbsent() throws {
        let text = #"{"job":"echo","arguments":null,"context":null,"timeout_ms":null,"keep":null}"#
        #expect(try Self.scan(text) == Request(job: "echo"))
    }

    @Test func whatIsNotKnownIsOverlooked() throws {
        #expect(try Self.scan(#"{"job":"echo","novelty":{"job":"fail"}}"#) == Request(job: "echo"))
    }

    @Test(arguments: [#""a string""#, "5", "true", "false", "[]", "-0.5e3"])
    func argumentsMayBeAnyValue(json: String) throws {
        #expect(try Self.scan(#"{"job":"echo","arguments":\#(json)}"#) == Request(job: "echo", arguments: json))
    }

    @Test func argumentsMayBeNestedAsDeepAsAMessage() throws {
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(try Self.scan(#"{"job":"echo","arguments":\#(deep)}"#).arguments == deep)
    }

    @Test func escapesInAContextMeanWhatTheyMeanElsewhere() throws {
        #expect(try Self.scan(#"{"job":"echo","context":"\u00e9t\u00e9\/x"}"#).context == "été/x")
    }

    @Test(arguments: [
        (#"{}"#, "job"), (#"{"job":null}"#, "job"), (#"{"job":5}"#, "job"), (#"{"job":["echo"]}"#, "job"),
        (#"{"job":"echo","context":5}"#, "context"), (#"{"job":"echo","context":""}"#, "context"),
        (#"{"job":"echo","timeout_ms":0}"#, "timeout_ms"), (#"{"job":"echo","timeout_ms":-1}"#, "timeout_ms"),
        (#"{"job":"echo","timeout_ms":1.5}"#, "timeout_ms"), (#"{"job":"echo","timeout_ms":"1"}"#, "timeout_ms"),
        (#"{"job":"echo","timeout_ms":1e30}"#, "timeout_ms"), (#"{"job":"echo","keep":1}"#, "keep"),
        (#"{"job":"echo","keep":"true"}"#, "keep"),
    ])
    func aWrongParameterIsNamed(text: String, parameter: String) {
        #expect(throws: VarlinkError.invalidParameter(parameter)) { try Self.scan(text) }
    }

    /// As for `Submit`: contexts live as long as the daemon.
    @Test func aContextsNameIsBounded() throws {
        let longest = String(repeating: "x", count: 1024)
        #expect(try Self.scan(#"{"job":"echo","context":"\#(longest)"}"#).context == longest)
        #expect(throws: VarlinkError.invalidParameter("context")) {
            try Self.scan(#"{"job":"echo","context":"\#(longest)x"}"#)
        }
    }
}

extension CallParameters {
    /// The parameters of a call.
    fileprivate init(scanning message: UnsafeBufferPointer<UInt8>) throws {
        var members: [JSONMember] = []
        let envelope = try CallEnvelope(scanning: message, maximumDepth: 512, members: &members)
        self.init(message: message, range: envelope.parameters, members: members)
    }
}
