import Foundation
import Testing

@testable import Varlink

@Suite("Raw JSON")
struct RawJSONTests {
    private struct Envelope: Codable, Equatable {
        var method: String
        var parameters: RawJSON
        var extra: RawJSON?
        var list: [RawJSON]
        var table: [String: RawJSON]
    }

    /// Spellings that every decoder into trees would lose.
    private static let peculiar = #"{ "b":1.50e+01, "a" : "\u0041\/", "b":[ -0 ,1E400]}"#

    @Test("passes through typed values byte for byte, in both directions")
    func passesThrough() throws {
        let peculiar = Self.peculiar
        let text = """
            {"method":"m","parameters":\(peculiar),"extra":\(peculiar),"list":[\(peculiar),1.0],"table":{"k":\(peculiar)}}
            """
        let envelope = try RawJSON(validating: text).decode(Envelope.self)
        #expect(envelope.parameters.description == peculiar)
        #expect(envelope.extra?.description == peculiar)
        #expect(envelope.list.map(\.description) == [peculiar, "1.0"])
        #expect(envelope.table["k"]?.description == peculiar)
        #expect(try RawJSON(encoding: envelope).description == text)
    }

    @Test("is itself when encoded and decoded alone")
    func passesThroughAlone() throws {
        let value = try RawJSON(validating: Self.peculiar)
        #expect(try RawJSON(encoding: value) == value)
        #expect(try value.decode(RawJSON.self) == value)
        #expect(try value.decode(RawJSON?.self) == value)
        #expect(try RawJSON(encoding: RawJSON?.some(value)) == value)
    }

    @Test("stands for null where the member is required")
    func takesNull() throws {
        struct Required: Codable, Equatable { var value: RawJSON }
        let raw = try RawJSON(validating: #"{"value":null}"#)
        #expect(try raw.decode(Required.self).value.description == "null")
        struct Allowed: Codable { var value: RawJSON? }
        #expect(try raw.decode(Allowed.self).value == nil)
    }

    @Test("drops the whitespace around the value and keeps that inside")
    func trims() throws {
        #expect(try RawJSON(validating: "\r\n\t [ 1 ] \n").description == "[ 1 ]")
        #expect(try RawJSON(validating: Array(" 1 ".utf8)).bytes == [0x31])
        #expect(try RawJSON(validating: AnyCollection(" 1 ".utf8)).bytes == [0x31])
        #expect(RawJSON.emptyObject.description == "{}")
    }

    @Test("is equal by bytes")
    func equality() throws {
        #expect(try RawJSON(validating: "1") != RawJSON(validating: "1.0"))
        #expect(try Set([RawJSON(validating: "{}"), .emptyObject, RawJSON(validating: "{ }")]).count == 2)
    }

    @Test("keeps its meaning through Foundation's coders")
    func foundationCoders() throws {
        let text = #"{"a":[1,-2,1.5,"x\n",true,false,null,{}],"b":{"c":[]},"n":null,"big":18446744073709551615}"#
        let value = try RawJSON(validating: text)
        let encoded = try JSONEncoder().encode(value)
        #expect(try RawJSON(validating: encoded).decode(JSONTree.self) == value.decode(JSONTree.self))
        let decoded = try JSONDecoder().decode(RawJSON.self, from: Data(text.utf8))
        #expect(try decoded.decode(JSONTree.self) == value.decode(JSONTree.self))
        #expect(try RawJSON(validating: decoded.bytes) == decoded)
    }
}
