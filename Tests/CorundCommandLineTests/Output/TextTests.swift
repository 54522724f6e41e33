import CorundAPI
import CorundCommandLine
import Testing
import Varlink

@Suite("Texts for people and programs")
struct TextTests {
    private static let compacted: [(String, String)] = [
        ("{}", "{}"), ("{ \"a\" :\n [1 ,\t2] }", #"{"a":[1,2]}"#), (#""a b""#, #""a b""#),
        (#"{"a\" b" : 1.50}"#, #"{"a\" b":1.50}"#), (#"["\\" , "x y"]"#, #"["\\","x y"]"#), ("1e400", "1e400"),
    ]

    @Test("JSON is one line, without blanks between tokens and with every byte inside of them", arguments: compacted)
    func oneLine(text: String, expected: String) throws {
        #expect(try RawJSON(validating: text).onOneLine == expected)
    }

    @Test("an error reply is one line as well")
    func errorReply() throws {
        let error = VarlinkError("a.b.C", parameters: try RawJSON(validating: "{\"x\":\n1}"))
        #expect(error.onOneLine == #"{"error":"a.b.C","parameters":{"x":1}}"#)
    }

    @Test("what would move a terminal's cursor is spelled out")
    func printable() {
        #expect("plain ä 漢".printable == "plain ä 漢")
        #expect("a\u{1B}[31mb\nc\rd\te\u{7F}\u{9B}\u{202E}".printable == #"a\u{1B}[31mb\nc\rd\te\u{7F}\u{9B}\u{202E}"#)
        #expect("a\r\nb".printable == #"a\r\nb"#)
    }

    @Test("JSON that would move it has escapes instead, and means the same")
    func printableJSON() throws {
        let text = "{\"a\":\"ä \u{9B}31m\u{7F}\u{202E}\"}"
        #expect(text.printableJSON == #"{"a":"ä \u009b31m\u007f\u202e"}"#)
        let value = try RawJSON(validating: text.printableJSON).decode([String: String].self)
        #expect(value == ["a": "ä \u{9B}31m\u{7F}\u{202E}"])
        #expect(#"{"a":"b"}"#.printableJSON == #"{"a":"b"}"#)
    }

    @Test("wide characters take two columns, combined ones those of their base")
    func width() {
        #expect("abc".displayWidth == 3)
        #expect("漢字".displayWidth == 4)
        #expect("e\u{301}".displayWidth == 1)
        #expect("👍🏽".displayWidth == 2)
    }

    private static let cuts: [(String, Int, String)] = [
        ("short", 5, "short"), ("longer", 5, "long…"), ("漢字漢字", 5, "漢字…"), ("漢字漢字", 4, "漢…"), ("x", 0, ""),
        ("", 0, ""),
    ]

    @Test("what is too wide is cut, and says so", arguments: cuts)
    func cut(text: String, width: Int, expected: String) {
        #expect(text.cut(toWidth: width) == expected)
        #expect(text.cut(toWidth: width).displayWidth <= width)
    }

    private static let spans: [(Int64, String)] = [
        (0, "0s"), (-5, "0s"), (1, "1us"), (999, "999us"), (1000, "1ms"), (12_340, "12.3ms"), (123_456, "123ms"),
        (999_999, "999ms"), (1_000_000, "1s"), (4_560_000, "4.5s"), (59_990_000, "59.9s"), (60_000_000, "1m00s"),
        (125_000_000, "2m05s"), (192_000_000, "3m12s"), (3_600_000_000, "1h00m"), (5_430_000_000, "1h30m"),
        (277_200_000_000, "3d05h"),
    ]

    @Test("spans are short", arguments: spans)
    func span(microseconds: Int64, text: String) {
        #expect(SpanText.of(microseconds: microseconds) == text)
    }

    @Test("no number from a daemon is too large to be told")
    func largeNumbers() {
        #expect(SpanText.of(milliseconds: .max).hasSuffix("h"))
        #expect(SpanText.ofBytes(.max) == "8796093022207.9 MiB")
        #expect(SpanText.ofBytes(12_900_000) == "12.3 MiB")
    }

    @Test("colours are for terminals, and not for people who refuse them")
    func colours() {
        func style(_ isTerminal: Bool, _ environment: [String: String]) -> Style {
            Style(isTerminal: isTerminal) { environment[$0] }
        }
        #expect(style(true, [:]).isColoured)
        #expect(style(true, ["NO_COLOR": "", "TERM": "xterm"]).isColoured)
        #expect(!style(true, ["NO_COLOR": "1"]).isColoured)
        #expect(!style(true, ["TERM": "dumb"]).isColoured)
        #expect(!style(false, [:]).isColoured)
        #expect(style(true, [:]).paint("x", .red) == "\u{1B}[31mx\u{1B}[0m")
        #expect(style(true, [:]).paint("x", nil) == "x")
        #expect(style(false, [:]).paint("x", .red) == "x")
    }
}
