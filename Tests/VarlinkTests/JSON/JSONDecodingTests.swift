import Testing

@testable import Varlink

@Suite("JSON decoding")
struct JSONDecodingTests {
    private func decode<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
        try RawJSON(validating: text).decode(type)
    }

    @Test("reads the ends of each integer type, and refuses what lies beyond")
    func integerEdges() throws {
        func check<T: FixedWidthInteger & Codable & Sendable>(_ type: T.Type) throws {
            #expect(try decode(T.self, "\(T.min)") == T.min)
            #expect(try decode(T.self, "\(T.max)") == T.max)
            #expect(try decode([T].self, "[\(T.min),\(T.max).00,\(T.max)0e-1]") == [T.min, T.max, T.max])
            for text in [
                "\(T.max)0", "\(T.max).5e1", T.isSigned ? "\(T.min)0" : "-1", "1e400", "1e99999999999999999999",
            ] {
                #expect(throws: DecodingError.self, "\(type) \(text)") { try decode(T.self, text) }
            }
            #expect(try RawJSON(encoding: [T.min, T.max]).description == "[\(T.min),\(T.max)]")
        }
        try check(Int8.self)
        try check(Int16.self)
        try check(Int32.self)
        try check(Int64.self)
        try check(Int.self)
        try check(Int128.self)
        try check(UInt8.self)
        try check(UInt16.self)
        try check(UInt32.self)
        try check(UInt64.self)
        try check(UInt.self)
        try check(UInt128.self)
        #expect(throws: DecodingError.self) { try decode(Int64.self, "9223372036854775808") }
        #expect(throws: DecodingError.self) { try decode(Int64.self, "-9223372036854775809") }
        #expect(throws: DecodingError.self) { try decode(UInt64.self, "18446744073709551616") }
    }

    @Test(
        "takes integral numbers for integers however they are spelled",
        arguments: [
            ("1.0", 1), ("1e3", 1_000), ("-1E+2", -100), ("2.50e1", 25), ("-0", 0), ("-0.0", 0),
            ("0e999999999999999999999", 0),
            ("0.0e-5", 0), ("1000e-3", 1), ("100e-2", 1), ("9223372036854775807.0", .max),
            ("9223372036854775807000e-3", .max),
            ("0.000001e6", 1), ("-9.223372036854775808e18", .min), ("9007199254740993.0", 9_007_199_254_740_993),
        ]
    )
    func integralSpellings(_ text: String, _ value: Int) throws {
        #expect(try decode(Int.self, text) == value)
    }

    @Test(
        "refuses fractions for integers", arguments: ["1.5", "0.1", "-1.0000000000000001", "1e-1", "15e-1", "1e-400"])
    func fractions(_ text: String) {
        #expect {
            try decode(Int.self, text)
        } throws: {
            guard case DecodingError.typeMismatch? = $0 as? DecodingError else { return false }
            return true
        }
    }

    @Test("reads floating-point numbers, and refuses those that overflow")
    func floatingPoint() throws {
        #expect(try decode(Double.self, "0.1") == 0.1)
        #expect(try decode(Double.self, "1") == 1)
        #expect(try decode(Double.self, "-0").sign == .minus)
        #expect(try decode(Double.self, "1.7976931348623157e308") == .greatestFiniteMagnitude)
        #expect(try decode(Double.self, "1e-400") == 0)
        #expect(try decode(Float.self, "16777217") == 16_777_216)
        for text in ["1e400", "-1e400"] { #expect(throws: DecodingError.self) { try decode(Double.self, text) } }
        #expect(throws: DecodingError.self) { try decode(Float.self, "1e39") }
    }

    @Test("null counts as absent where a value is optional")
    func optionals() throws {
        struct Value: Decodable, Equatable { var a: Int?, b: [String]?, c: Bool? }
        #expect(try decode(Value.self, #"{"a":null,"b":null}"#) == Value())
        #expect(try decode(Value.self, #"{"a":1,"b":["x"],"c":false}"#) == Value(a: 1, b: ["x"], c: false))
        #expect(try decode([Int?].self, "[1,null,2]") == [1, nil, 2])
        #expect(try decode(Int?.self, "null") == nil)
        struct Wide: Codable, Equatable { var wide: Int128? }
        #expect(try decode(Wide.self, #"{"wide":170141183460469231731687303715884105727}"#) == Wide(wide: .max))
        #expect(try decode(Wide.self, #"{"wide":null}"#) == Wide())
        #expect(try RawJSON(encoding: Wide(wide: -1)).description == #"{"wide":-1}"#)
    }

    @Test("the last of repeated members wins, however the name is spelled")
    func lastMemberWins() throws {
        #expect(try decode([String: Int].self, #"{"a":1,"b":2,"a":3}"#) == ["a": 3, "b": 2])
        #expect(try decode([String: Int].self, #"{"\u0061":1,"a":2}"#) == ["a": 2])
        #expect(try decode([String: Int].self, #"{"a":1,"\u0061":2}"#) == ["a": 2])
        let many = (0..<100).map { #""k\#($0 % 40)":\#($0)"# }.joined(separator: ",")
        let decoded = try decode([String: Int].self, "{\(many)}")
        #expect(decoded.count == 40)
        #expect(decoded["k19"] == 99)
        #expect(decoded["k20"] == 60)
    }

    @Test("dictionaries of any size keep all members", arguments: [0, 1, 15, 16, 17, 18, 500])
    func dictionaries(_ count: Int) throws {
        let strings = Dictionary(uniqueKeysWithValues: (0..<count).map { ("näme\n\($0)", "\($0)") })
        #expect(try RawJSON(encoding: strings).decode([String: String].self) == strings)
        let integers = Dictionary(uniqueKeysWithValues: (0..<count).map { ($0 - 5, [$0]) })
        #expect(try RawJSON(encoding: integers).decode([Int: [Int]].self) == integers)
    }

    @Test("names that differ in bytes are different members, in small objects and large")
    func namesAreBytes() throws {
        struct Probe: Decodable {
            let names: Int, composed: Bool
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: JSONCodingKey.self)
                names = container.allKeys.count
                composed = container.contains(JSONCodingKey(stringValue: "\u{E9}"))
            }
        }
        let filler = (0..<20).map { ",\"\($0)\":0" }.joined()
        for (filler, count) in [("", 0), (filler, 20)] {
            let both = try decode(Probe.self, "{\"e\u{301}\":1,\"\u{E9}\":2\(filler)}")
            #expect(both.names == 2 + count)
            #expect(try !decode(Probe.self, "{\"e\u{301}\":1\(filler)}").composed)
        }
    }

    @Test("reads enumerations with raw values and with associated ones")
    func enumerations() throws {
        enum State: String, Codable { case queued, timedOut = "timed_out" }
        enum Level: Int, Codable { case low = 1, high }
        enum Event: Codable, Equatable { case state(State), message(level: Level, text: String?), none }
        let text = #"[{"state":{"_0":"timed_out"}},{"message":{"level":2}},{"none":{}}]"#
        let events: [Event] = [.state(.timedOut), .message(level: .high, text: nil), .none]
        #expect(try decode([Event].self, text) == events)
        #expect(try RawJSON(encoding: events).description == text)
    }

    @Test("nested containers and super decoders read their members")
    func nestedContainers() throws {
        struct Probe: Decodable {
            init(from decoder: any Decoder) throws {
                let object = try decoder.container(keyedBy: JSONCodingKey.self)
                let inner = try object.nestedContainer(
                    keyedBy: JSONCodingKey.self, forKey: JSONCodingKey(stringValue: "inner"))
                #expect(inner.allKeys.map(\.stringValue) == ["x", "y"])
                var list = try inner.nestedUnkeyedContainer(forKey: JSONCodingKey(stringValue: "y"))
                #expect(list.count == 4)
                #expect(throws: DecodingError.self) { try list.decode(String.self) }
                #expect(list.currentIndex == 0)
                #expect(try list.decode(Int.self) == 1)
                #expect(try list.decodeNil())
                #expect(try Int(from: list.superDecoder()) == 3)
                #expect(try !list.decodeNil())
                #expect(try list.nestedUnkeyedContainer().isAtEnd)
                #expect(list.isAtEnd)
                #expect(throws: DecodingError.self) { try list.decode(Int.self) }
                #expect(throws: DecodingError.self) { try list.decodeNil() }
                #expect(try String(from: object.superDecoder()) == "s")
                #expect(try Int(from: object.superDecoder(forKey: JSONCodingKey(stringValue: "n"))) == 1)
                let missing = try object.superDecoder(forKey: JSONCodingKey(stringValue: "missing"))
                #expect(try missing.singleValueContainer().decodeNil())
            }
        }
        _ = try decode(Probe.self, #"{"inner":{"x":0,"y":[1,null,3,[]]},"super":"s","n":1}"#)
    }

    @Test("a decoder that outlives its text's owner stays valid")
    func escapedDecoder() throws {
        struct Escape: Decodable {
            let decoder: any Decoder
            init(from decoder: any Decoder) { self.decoder = decoder }
        }
        let escape = try decode(Escape.self, #"{"a":"\#(String(repeating: "x", count: 1_000))"}"#)
        #expect(try [String: String](from: escape.decoder)["a"]?.count == 1_000)
    }
}

@Suite("JSON decoding errors")
struct JSONDecodingErrorTests {
    private struct Inner: Decodable { var c: Int, flag: Bool? }
    private enum State: String, Decodable { case queued }
    private struct Outer: Decodable {
        var a: [String: [Inner]]?, name: String?, ratio: Double?, small: Int8?, state: State?, ids: [Int: String]?
    }

    @Test(
        "lead to the fault and say what was expected",
        arguments: [
            (#"{"a":{"b":[{"c":1},{"c":2},{"c":"x"}]}}"#, "a.b[2].c", "expected an integer, found a string"),
            (#"{"a":{"b":[{"c":1},{}]}}"#, "a.b[1].c", "missing"),
            (#"{"a":{"b":[{"c":null}]}}"#, "a.b[0].c", "expected an integer, found null"),
            (#"{"a":{"b":[{"c":1.5}]}}"#, "a.b[0].c", "expected an integer, found 1.5"),
            (#"{"a":{"b":[{"c":1,"flag":0}]}}"#, "a.b[0].flag", "expected a boolean, found 0"),
            (#"{"a":{"b":{}}}"#, "a.b", "expected an array, found an object"),
            (#"{"a":{"b":[[]]}}"#, "a.b[0]", "expected an object, found an array"),
            (#"{"a":true}"#, "a", "expected an object, found a boolean"),
            (#"{"name":{}}"#, "name", "expected a string, found an object"),
            (#"{"ratio":"1"}"#, "ratio", "expected a number, found a string"),
            (#"{"ratio":1e400}"#, "ratio", "expected a number that fits in a Double, found 1e400"),
            (#"{"small":128}"#, "small", "expected an integer from -128 to 127, found 128"),
            (#"{"ids":{"5":6}}"#, "ids.5", "expected a string, found 6"),
            (#"[]"#, "", "expected an object, found an array"),
            (#"null"#, "", "expected an object, found null"),
        ]
    )
    func explanations(_ text: String, _ path: String, _ message: String) throws {
        let error = try #require(throws: DecodingError.self) { try RawJSON(validating: text).decode(Outer.self) }
        #expect(error.explanation == (path, message))
    }

    @Test("of raw values name the member and the value")
    func rawValues() throws {
        let error = try #require(throws: DecodingError.self) {
            try RawJSON(validating: #"{"state":"gone"}"#).decode(Outer.self)
        }
        #expect(error.explanation.path == "state")
        #expect(error.explanation.message.contains("gone"))
    }

    @Test("do not repeat endless numbers")
    func longNumbersAreCut() throws {
        let number = String(repeating: "9", count: 5_000)
        let error = try #require(throws: DecodingError.self) { try RawJSON(validating: number).decode(Int.self) }
        #expect(error.explanation.message.count < 200)
    }
}
