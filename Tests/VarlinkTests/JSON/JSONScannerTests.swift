import CorundLoop
import Testing

@testable import Varlink

@Suite("JSON scanner")
struct JSONScannerTests {
    @discardableResult
    private func scanning<Result>(
        _ text: String,
        _ body: (inout JSONScanner, UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        try Array(text.utf8).withUnsafeBufferPointer { text in
            var scanner = JSONScanner(text)
            return try body(&scanner, text)
        }
    }

    @Test("shows the members of an object in order, with the exact range of each value")
    func showsMembers() throws {
        try scanning(#" { "a" : 1 , "b":[ {"x":2} ],"c":" }" } x"#) { scanner, text in
            var members: [String] = []
            try scanner.scanObject { key, range in
                members.append("\(key.string)=\(String(decoding: text[range], as: UTF8.self))")
            }
            #expect(members == ["a=1", #"b=[ {"x":2} ]"#, #"c=" }""#])
            #expect(throws: JSONError.self) { try scanner.expectEnd() }
        }
    }

    @Test("shows the elements of an array")
    func showsElements() throws {
        try scanning(#"[1, [2,3] ,"x",{}]"#) { scanner, text in
            var elements: [String] = []
            try scanner.scanArray { elements.append(String(decoding: text[$0], as: UTF8.self)) }
            #expect(elements == ["1", "[2,3]", #""x""#, "{}"])
            try scanner.expectEnd()
        }
    }

    @Test("reads nested containers in one pass")
    func readsNestedContainers() throws {
        try scanning(#"{"a":[{"b":1},{}],"c":[],"d":{}}"#) { scanner, _ in
            var names: [String] = []
            try scanner.beginObject()
            while let key = try scanner.nextMember() {
                names.append(key.string)
                guard key.equals("a") else {
                    try scanner.skipValue()
                    continue
                }
                try scanner.beginArray()
                while try scanner.nextElement() { try scanner.scanObject { key, _ in names.append(key.string) } }
            }
            try scanner.expectEnd()
            #expect(names == ["a", "b", "c", "d"])
        }
    }

    @Test(
        "refuses what is no object, in the words of the grammar",
        arguments: ["", "[", "{", "{,", #"{"a":1,}"#, #"{"a":1 "b":1}"#, #"{"a"}"#, #"{"a":1]"#, #"{"a":}"#, "{]", "1"]
    )
    func refusesBrokenObjects(_ text: String) {
        scanning(text) { scanner, _ in
            #expect(throws: JSONError.self) { try scanner.scanObject { _, _ in } }
        }
    }

    @Test("refuses what is no array", arguments: ["", "{", "[", "[,", "[1,]", "[1 2]", "[1}", "[}", "1"])
    func refusesBrokenArrays(_ text: String) {
        scanning(text) { scanner, _ in
            #expect(throws: JSONError.self) { try scanner.scanArray { _ in } }
        }
    }

    @Test("passes on what the visitor throws")
    func visitorThrows() {
        struct Stop: Error {}
        scanning(#"{"a":1}"#) { scanner, _ in
            #expect(throws: Stop.self) { try scanner.scanObject { _, _ in throw Stop() } }
        }
    }

    @Test(
        "a key equals its name however the text spells it",
        arguments: [#"{"method":0}"#, #"{"\u006dethod":0}"#, #"{"meth\u006Fd":0}"#]
    )
    func keyEquals(_ text: String) throws {
        try scanning(text) { scanner, _ in
            try scanner.scanObject { key, _ in
                #expect(key.equals("method"))
                #expect(key.string == "method")
                for other in ["", "metho", "methods", "Method", "methoD"] {
                    #expect(!Array(other.utf8).withUnsafeBufferPointer { key.equals($0) })
                }
            }
        }
    }

    @Test("keys are compared by their bytes, not by Unicode equivalence")
    func keysAreBytes() throws {
        try scanning("{\"e\u{301}\":0}") { scanner, _ in
            try scanner.scanObject { key, _ in
                #expect(!key.equals("\u{E9}"))
                #expect(key.equals("e\u{301}"))
            }
        }
    }

    @Test(
        "unescapes strings",
        arguments: [
            (#""""#, ""), (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0000\u001f\u007F""#, "\u{0}\u{1F}\u{7F}"), (#""\u00e9\u20AC\uffff""#, "é€\u{FFFF}"),
            (#""\ud83d\uDE00\ud800\udc00\uDBFF\uDFFF""#, "😀\u{10000}\u{10FFFF}"),
            (#""grüße 日本語 🎉\n""#, "grüße 日本語 🎉\n"),
            (#""12345678\\90123456\u0041""#, "12345678\\90123456A"), (#""\\u0041""#, "\\u0041"),
        ]
    )
    func unescapes(_ text: String, _ meaning: String) throws {
        #expect(try Array(RawJSON(validating: text).decode(String.self).utf8) == Array(meaning.utf8))
    }

    @Test("scans a part of a text as if it were all, with the offsets of the whole")
    func scansPart() throws {
        try scanning("[12345,\"ab\"]") { _, text in
            var number = JSONScanner(text, in: 1..<4)
            #expect(try number.skipValue() == 1..<4)
            try number.expectEnd()
            for end in 8..<11 {
                var string = JSONScanner(text, in: 7..<end)
                #expect(throws: JSONError(.unexpectedEnd, at: end)) { try string.skipValue() }
            }
        }
    }

    @Test("unescaping a text that nobody validated stays in bounds")
    func unescapingIsSafe() {
        var random = SplitMix64(seed: 11)
        let pieces = ["\\", "u", "d83d", "\\ud83d", "\\u", "de00", "0", "\"", "é", "\\n"]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? ""
            }
            Array(text.joined().utf8).withUnsafeBufferPointer { _ = String(unescapingJSON: $0) }
        }
    }
}
