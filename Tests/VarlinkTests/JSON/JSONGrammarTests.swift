import Testing

@testable import Varlink

@Suite("JSON grammar")
struct JSONGrammarTests {
    @Test(
        "accepts every valid text",
        arguments: [
            "null", "true", "false", "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "1.5", "0.0", "-0.1",
            "1e5", "1E5", "1e+5", "1e-5", "1.25E-7", "0e0", "0E+00", "1e400", "1e-400", "-1e+9999",
            "1.0000000000000001",
            #""""#, #""a""#, #""\u0000""#, #""\"\\\/\b\f\n\r\t""#, #""\u00e9\u00E9""#, #""\ud83d\ude00""#,
            #""\uD800\uDC00""#, #""\uDBFF\uDFFF""#, #""\uD7FF\uE000\uFFFF""#, "\"\u{7F}\"", "\"é\"", "\"€\"", "\"😀\"",
            "\"\u{2028}\u{2029}\"", "\"\u{FFFE}\"", "\"\u{10FFFF}\"", "\"\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\"",
            #""1234567""#, #""12345678""#, #""123456789012345""#, #""1234567\n""#, #""\\u0022""#, #""/""#,
            "[]", "[ ]", "[[]]", "[[],[[]]]", "[1]", "[1,2]", "[ 1 , 2 ]", "[\"a\",null,true,false,1.0,{}]", "[0,-0]",
            "{}", "{ }", #"{"a":1}"#, #"{"a":1,"b":2}"#, #"{ "a" : 1 , "b" : [ ] }"#, #"{"":0}"#, #"{"a":1,"a":2}"#,
            #"{"\u0061":{"\"":{}}}"#, " \t\r\n1 \t\r\n", "\n[\n1\n,\n2\n]\n", #"{"a":{"b":{"c":[{"d":null}]}}}"#,
        ]
    )
    func acceptsValidText(_ text: String) throws {
        let value = try RawJSON(validating: text)
        let whitespace: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let trimmed = Array(text.utf8).drop { whitespace.contains($0) }.reversed().drop { whitespace.contains($0) }
        #expect(value.bytes == Array(trimmed.reversed()))
    }

    @Test(
        "refuses every invalid text",
        arguments: [
            "", " ", "\n", "nul", "nulL", "nulll", "True", "TRUE", "tru", "truee", "falsy", "None", "undefined", "NaN",
            "Infinity", "-Infinity", "-", "+1", "--1", "-a", "01", "-01", "00", "1.", "1.e1", ".5", "-.5", "1e", "1e+",
            "1E-", "1e1.5", "1ee5", "1e5e5", "0x10", "1_000", "1 2", "1,2", "1a", "0.1.2", "１", "2.e3", "0e", "0e+",
            "\"", "\"a", "a\"", "'a'", #""\""#, #""\a""#, #""\x41""#, #""\u""#, #""\u1""#, #""\u12""#, #""\u123""#,
            #""\u123g""#, #""\U0041""#, #""\u+123""#, #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#,
            #""\ud800\n""#, #""\udc00\ud800""#, #""\ud800\u0041""#, #""\ud83d\u""#, #""\ud83d\ude""#, #""\ud83d\"#,
            "\"\u{0}\"", "\"\n\"", "\"\t\"", "\"\u{1F}\"", "\"1234567\u{1}\"", "\"12345678\u{1F}\"", #""a"b"#,
            #""a""b""#,
            "[", "]", "[1", "[1,", "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "[1]]", "[[1]", "[\"a",
            "[1;2]",
            "{", "}", "{]", #"{"a"#, #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,"#, #"{"a":1,}"#, "{,}", "{1:2}",
            "{a:1}",
            #"{'a':1}"#, #"{"a" 1}"#, #"{"a"::1}"#, #"{"a":1 "b":2}"#, #"{"a":1,,"b":2}"#, #"{"a",1}"#, #"{"a":1]"#,
            #"{"a":}"#, #"{:1}"#, #"{"a":1}}"#, #"{"a":1}x"#, #"{null:1}"#, #"{"a":1:2}"#, #"{"a":a}"#,
            #"{"\ud800":1}"#,
            "/*c*/1", "1//c", "#1", "[1]#", "\u{FEFF}1", "\u{A0}1", "1\u{A0}", "\u{0B}1", "\u{0C}[]", "1\u{0}", "\u{0}",
            "[\u{2028}1]", "<null>", "*", "[*]", "\\u0022", "{}{}", "[][]", "null null", "[\u{0C}]", "\u{85}",
        ]
    )
    func refusesInvalidText(_ text: String) {
        #expect(throws: JSONError.self) { try RawJSON(validating: text) }
    }

    @Test(
        "refuses strings that are not well-formed UTF-8",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x28, 0x80],
            [0xF0, 0x9F, 0x98, 0x28], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE],
            [0xC3, 0xA9, 0xA9],
        ] as [[UInt8]]
    )
    func refusesInvalidUTF8(_ sequence: [UInt8]) {
        for padding in 0...9 {
            let before = [UInt8](repeating: 0x61, count: padding)
            for after in [[], before] {
                let text = [0x22] + before + sequence + after + [0x22]
                #expect { try RawJSON(validating: text) } throws: {
                    ($0 as? JSONError)?.reason == .invalidUTF8
                }
                #expect(throws: JSONError.self) { try RawJSON(validating: sequence + after) }
            }
        }
    }

    @Test("notices the character that needs an escape at each place of a long string")
    func noticesEveryPlace() throws {
        for length in 0...33 {
            for place in 0...length {
                var body = [UInt8](repeating: 0x61, count: length)
                for control in [0x00, 0x1F, 0x0A] as [UInt8] {
                    body.insert(control, at: place)
                    #expect(throws: JSONError(.controlCharacter(control), at: place + 1)) {
                        try RawJSON(validating: [0x22] + body + [0x22])
                    }
                    body.remove(at: place)
                }
                body.insert(0x22, at: place)
                #expect(throws: JSONError.self) { try RawJSON(validating: [0x22] + body + [0x22]) }
                body[place] = 0x7F
                _ = try RawJSON(validating: [0x22] + body + [0x22])
            }
        }
    }

    @Test("no proper beginning of a document is valid")
    func everyTruncationFails() throws {
        let document = Array(JSONSamples.everything.utf8)
        _ = try RawJSON(validating: document)
        for length in 0..<document.count {
            #expect(throws: JSONError.self, "\(length) bytes") { try RawJSON(validating: document.prefix(length)) }
        }
    }

    @Test(
        "errors say what is wrong and where",
        arguments: [
            ("", "unexpected end of text at byte 0"),
            ("[1", "unexpected end of text at byte 2"),
            ("  tru", "unexpected end of text at byte 5"),
            ("nulx", "expected a value, found 'n' at byte 0"),
            (#"{"a" 1}"#, "expected ':', found '1' at byte 5"),
            (#"{"a":1 2}"#, "expected ',' or '}', found '2' at byte 7"),
            ("[1 2]", "expected ',' or ']', found '2' at byte 3"),
            ("{1:2}", "expected a member name in double quotes, found '1' at byte 1"),
            ("[1,]", "expected a value, found ']' at byte 3"),
            ("1.x", "expected a digit, found 'x' at byte 2"),
            ("{} x", "expected the end of the text, found 'x' at byte 3"),
            ("\u{0}", "expected a value, found 0x0 at byte 0"),
            ("\"a\n\"", "control character 0xA in a string at byte 2"),
            (#""a\q""#, "invalid escape in a string at byte 2"),
            (#""\ud800""#, "lone surrogate in a string at byte 1"),
        ]
    )
    func errorsAreSentences(_ text: String, _ sentence: String) {
        #expect { try RawJSON(validating: text) } throws: { "\($0)" == sentence }
    }
}

@Suite("JSON nesting bound")
struct JSONNestingTests {
    static func nested(_ depth: Int, objects: Bool) -> String {
        objects
            ? String(repeating: #"{"a":"#, count: depth - 1) + "{}" + String(repeating: "}", count: depth - 1)
            : String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test("is exact", arguments: [1, 2, 63, 64, 65, 128, 129, 1_000], [true, false])
    func boundIsExact(_ depth: Int, _ objects: Bool) throws {
        let text = Self.nested(depth, objects: objects)
        _ = try RawJSON(validating: text, maximumDepth: depth)
        let step = objects ? 5 : 1
        #expect(throws: JSONError(.nestingTooDeep(limit: depth - 1), at: (depth - 1) * step)) {
            try RawJSON(validating: text, maximumDepth: depth - 1)
        }
    }

    @Test("is 64 unless told otherwise, and does not count scalars")
    func defaultBound() throws {
        _ = try RawJSON(validating: Self.nested(64, objects: false))
        #expect { try RawJSON(validating: Self.nested(65, objects: false)) } throws: {
            "\($0)" == "nesting deeper than 64 at byte 64"
        }
        _ = try RawJSON(validating: "1", maximumDepth: 0)
        _ = try RawJSON(validating: "[[],[],{}]", maximumDepth: 2)
    }

    @Test("a million levels neither exhaust the stack nor lose a bracket's kind")
    func deepNestingNeedsNoStack() throws {
        let half = 500_000
        let open = String(repeating: #"[{"":"#, count: half)
        let close = String(repeating: "}]", count: half)
        _ = try RawJSON(validating: open + "0" + close, maximumDepth: 2 * half)
        #expect(throws: JSONError.self) {
            try RawJSON(validating: open + "0" + "]" + close.dropFirst(), maximumDepth: 2 * half)
        }
        #expect(throws: JSONError.self) { try RawJSON(validating: open, maximumDepth: 2 * half) }
    }

    @Test("counts the containers that the caller has entered")
    func countsEnteredContainers() throws {
        let text = Array(#"{"a":[[1]]}"#.utf8)
        try text.withUnsafeBufferPointer { text in
            for depth in 1...3 {
                var scanner = JSONScanner(text, maximumDepth: depth)
                let scan: (inout JSONScanner) throws -> Void = { try $0.scanObject { _, _ in } }
                if depth == 3 {
                    try scan(&scanner)
                } else {
                    #expect(throws: JSONError(.nestingTooDeep(limit: depth), at: depth + 4)) { try scan(&scanner) }
                }
            }
        }
    }
}
