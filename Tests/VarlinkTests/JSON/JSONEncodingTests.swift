import Testing

@testable import Varlink

@Suite("JSON encoding")
struct JSONEncodingTests {
    private struct Key: CodingKey, ExpressibleByStringLiteral {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringLiteral value: String) { stringValue = value }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// A value that encodes itself as the test says.
    private struct Custom: Encodable {
        let body: (any Encoder) throws -> Void
        func encode(to encoder: any Encoder) throws { try body(encoder) }
    }

    private func text(_ body: @escaping (any Encoder) throws -> Void) throws -> String {
        try RawJSON(encoding: Custom(body: body)).description
    }

    @Test("writes members in the order of encoding, and leaves nil out")
    func membersInOrder() throws {
        struct Inner: Encodable { var z = 1, a: Int? }
        struct Outer: Encodable { var name = "n", inner = Inner(), none: String?, list = [Inner(), Inner()] }
        let text = try RawJSON(encoding: Outer()).description
        #expect(text == #"{"name":"n","inner":{"z":1},"list":[{"z":1},{"z":1}]}"#)
    }

    @Test("writes scalars, empty containers and null")
    func scalars() throws {
        struct Empty: Encodable {}
        #expect(try RawJSON(encoding: 1).description == "1")
        #expect(try RawJSON(encoding: "a\n").description == #""a\n""#)
        #expect(try RawJSON(encoding: Int?.none).description == "null")
        #expect(try RawJSON(encoding: Int??.some(.none)).description == "null")
        #expect(try RawJSON(encoding: [Int?.none, 1]).description == "[null,1]")
        #expect(try RawJSON(encoding: [Int]()).description == "[]")
        #expect(try RawJSON(encoding: [String: Int]()).description == "{}")
        #expect(try RawJSON(encoding: Empty()).description == "{}")
        #expect(try RawJSON(encoding: [Empty(), Empty()]).description == "[{},{}]")
        #expect(try RawJSON(encoding: [5: "x"]).description == #"{"5":"x"}"#)
    }

    @Test(
        "writes the shortest number that reads back",
        arguments: [0.1, 1, -0.0, 1e300, .leastNonzeroMagnitude, .pi, 1e16, 123456.75])
    func doubles(_ value: Double) throws {
        let raw = try RawJSON(encoding: value)
        #expect(raw.description == value.description)
        #expect(try RawJSON(validating: raw.bytes).decode(Double.self).bitPattern == value.bitPattern)
        #expect(try RawJSON(encoding: Float(0.1)).description == "0.1")
    }

    @Test("refuses infinities and NaN, and says where", arguments: [Double.nan, .infinity, -.infinity])
    func refusesNonFinite(_ value: Double) {
        struct Outer: Encodable { var list: [Double] }
        #expect {
            try RawJSON(encoding: ["a": Outer(list: [1, value])])
        } throws: { error in
            guard case EncodingError.invalidValue(_, let context)? = error as? EncodingError else { return false }
            return context.codingPath.map(\.stringValue) == ["a", "list", "Index 1"]
        }
    }

    @Test("nested containers may be filled in any order and at any time")
    func nestedContainersInAnyOrder() throws {
        let text = try text { encoder in
            var object = encoder.container(keyedBy: Key.self)
            var first = object.nestedContainer(keyedBy: Key.self, forKey: "first")
            var second = object.nestedUnkeyedContainer(forKey: "second")
            try object.encode(1, forKey: "third")
            try second.encode("s0")
            try first.encode("f0", forKey: "a")
            var deep = second.nestedContainer(keyedBy: Key.self)
            var deeper = first.nestedUnkeyedContainer(forKey: "b")
            try second.encode("s2")
            #expect(second.count == 3)
            try object.encode([2], forKey: "fourth")
            try deeper.encode(true)
            try deep.encodeNil(forKey: "c")
            try first.encode("f1", forKey: "d")
        }
        #expect(
            text == #"{"first":{"a":"f0","b":[true],"d":"f1"},"second":["s0",{"c":null},"s2"],"third":1,"fourth":[2]}"#
        )
    }

    @Test("nested containers inside of elements keep their places")
    func nestedContainersInElements() throws {
        let nested = Custom { encoder in
            var array = encoder.unkeyedContainer()
            var late = array.nestedUnkeyedContainer()
            try array.encode(2)
            try late.encode(1)
        }
        #expect(try RawJSON(encoding: [nested, nested]).description == "[[[1],2],[[1],2]]")
    }

    @Test("super encoders write in their place, and an unused one writes an empty object")
    func superEncoders() throws {
        let text = try text { encoder in
            var object = encoder.container(keyedBy: Key.self)
            let parent = object.superEncoder()
            let other = object.superEncoder(forKey: "other")
            _ = object.superEncoder(forKey: "unused")
            try object.encode(1, forKey: "own")
            try "text".encode(to: other)
            var members = parent.container(keyedBy: Key.self)
            try members.encode(2, forKey: "inherited")
            var list = object.nestedUnkeyedContainer(forKey: "list")
            try [3].encode(to: list.superEncoder())
        }
        #expect(text == #"{"super":{"inherited":2},"other":"text","unused":{},"own":1,"list":[[3]]}"#)
    }

    @Test("a class and its superclass may share one object")
    func sharedObject() throws {
        class Base: Encodable { var a = 1 }
        class Derived: Base {
            override func encode(to encoder: any Encoder) throws {
                try super.encode(to: encoder)
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(2, forKey: "b")
            }
        }
        #expect(try RawJSON(encoding: Derived()).description == #"{"a":1,"b":2}"#)
    }

    @Test("a value that fails halfway leaves nothing when its owner goes on without it")
    func failedMemberLeavesNothing() throws {
        struct Failure: Error {}
        let failing = Custom { encoder in
            var object = encoder.container(keyedBy: Key.self)
            try object.encode(1, forKey: "half")
            _ = object.nestedUnkeyedContainer(forKey: "nested")
            try object.encode(Double.nan, forKey: "nan")
        }
        let text = try text { encoder in
            var object = encoder.container(keyedBy: Key.self)
            #expect(throws: EncodingError.self) { try object.encode(failing, forKey: "bad") }
            try object.encode(1, forKey: "good")
            #expect(throws: EncodingError.self) { try object.encode(Double.nan, forKey: "nan") }
            var list = object.nestedUnkeyedContainer(forKey: "list")
            #expect(throws: EncodingError.self) { try list.encode(failing) }
            try list.encode(2)
            #expect(list.count == 1)
        }
        #expect(text == #"{"good":1,"list":[2]}"#)
    }

    @Test("tells the coding path to the value being encoded")
    func codingPaths() throws {
        var paths: [[String]] = []
        let spy = Custom { encoder in
            paths.append(encoder.codingPath.map(\.stringValue))
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        }
        _ = try text { encoder in
            var object = encoder.container(keyedBy: Key.self)
            try object.encode(spy, forKey: "a")
            var list = object.nestedUnkeyedContainer(forKey: "b")
            try list.encodeNil()
            try list.encode(spy)
            try spy.encode(to: list.superEncoder())
        }
        #expect(paths == [["a"], ["b", "Index 1"], ["b", "Index 2"]])
    }

    @Test("a value that encodes nothing is an error alone, and an empty object inside of others")
    func nothingEncoded() throws {
        let nothing = Custom { _ in }
        #expect(throws: EncodingError.self) { try RawJSON(encoding: nothing) }
        #expect(try RawJSON(encoding: [nothing]).description == "[{}]")
    }

    @Test("using an encoder for two different values is an error")
    func misuse() {
        let bodies: [(any Encoder) throws -> Void] = [
            { _ = ($0.container(keyedBy: Key.self), $0.unkeyedContainer()) },
            { encoder in
                var single = encoder.singleValueContainer()
                try single.encode(1)
                try single.encode(2)
            },
            { encoder in
                _ = encoder.unkeyedContainer()
                var single = encoder.singleValueContainer()
                try single.encodeNil()
            },
            { encoder in
                var object = encoder.container(keyedBy: Key.self)
                let inner = Custom { _ in try object.encode(1, forKey: "outer") }
                var copy = object
                try copy.encode(inner, forKey: "inner")
            },
        ]
        for body in bodies {
            #expect(throws: EncodingError.self) { try RawJSON(encoding: Custom(body: body)) }
            #expect(throws: EncodingError.self) { try RawJSON(encoding: [Custom(body: body)]) }
        }
    }

    @Test("a container that outlives its encoder's work writes nowhere")
    func escapedContainer() throws {
        var escaped: [KeyedEncodingContainer<Key>] = []
        let escaping = Custom { encoder in
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(1, forKey: "a")
            escaped.append(container)
        }
        let raw = try RawJSON(encoding: escaping)
        try? escaped[0].encode(2, forKey: "b")
        try? escaped[0].encode([2], forKey: "c")
        var late = escaped[0].nestedContainer(keyedBy: Key.self, forKey: "d")
        try? late.encode("x", forKey: "e")
        #expect(raw.description == #"{"a":1}"#)
        #expect(throws: EncodingError.self) {
            let stale = Custom { encoder in
                _ = encoder.container(keyedBy: Key.self)
                try escaped[1].encode(2, forKey: "b")
            }
            return try RawJSON(encoding: [escaping, stale])
        }
    }
}
