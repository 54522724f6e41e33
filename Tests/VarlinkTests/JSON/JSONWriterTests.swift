import CorundLoop
import Testing

@testable import Varlink

@Suite("JSON writer")
struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(reserving: 16)
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("writes a message in the order of the calls")
    func writesMessage() throws {
        let raw = try RawJSON(validating: #"{ "x":1.0}"#)
        let text = written {
            $0.literal(#"{"id":"#)
            $0.integer(-7)
            $0.literal(#","name":"#)
            $0.string("é\"")
            $0.literal(#","raw":"#)
            $0.raw(raw)
            $0.literal(#","on":"#)
            $0.boolean(true)
            $0.literal(#","none":"#)
            $0.null()
            $0.literal(#","ratio":"#)
            $0.number(0.5)
            $0.byte(UInt8(ascii: "}"))
        }
        #expect(text == #"{"id":-7,"name":"é\"","raw":{ "x":1.0},"on":true,"none":null,"ratio":0.5}"#)
        _ = try RawJSON(validating: text)
    }

    @Test("escapes what the grammar demands, and nothing else")
    func escapesMinimally() throws {
        let escapes = [
            "\"": #"\""#, "\\": #"\\"#, "\u{8}": #"\b"#, "\u{C}": #"\f"#, "\n": #"\n"#, "\r": #"\r"#, "\t": #"\t"#,
            "\u{0}": #"\u0000"#, "\u{1}": #"\u0001"#, "\u{B}": #"\u000b"#, "\u{10}": #"\u0010"#, "\u{1F}": #"\u001f"#,
        ]
        for (character, escape) in escapes { #expect(written { $0.string(character) } == "\"\(escape)\"") }
        let plain = " /'<>&\u{7F}é\u{2028}😀"
        #expect(written { $0.string(plain) } == "\"\(plain)\"")
    }

    @Test("every string reads back as it was", arguments: 0...40)
    func stringsRoundTrip(_ length: Int) throws {
        var random = SplitMix64(seed: UInt64(length))
        for _ in 0..<50 {
            let scalars = (0..<length).map { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random)) ?? "x"
            }
            let string = String(String.UnicodeScalarView(scalars))
            let text = written { $0.string(string) }
            #expect(try Array(RawJSON(validating: text).decode(String.self).utf8) == Array(string.utf8))
        }
    }

    @Test("writes the ends of the integer types")
    func integers() {
        #expect(written { $0.integer(0) } == "0")
        #expect(written { $0.integer(Int.min) } == "-9223372036854775808")
        #expect(written { $0.integer(Int64.max) } == "9223372036854775807")
        #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
        #expect(written { $0.integer(Int8.min) } == "-128")
        #expect(written { $0.integer(UInt128.max) } == "\(UInt128.max)")
        #expect(written { $0.integer(Int128.min) } == "\(Int128.min)")
    }
}
