/// Finds the lines on which the keys and tables of a TOML document stand.
///
/// TOMLKit gives places for errors of syntax only, so problems with a document that is valid TOML are located here. It
/// reads just enough of the grammar to tell keys from what looks like them: comments, quoted keys, the four kinds of
/// strings, arrays and inline tables over several lines. A document that is not valid TOML may give wrong lines, never a
/// trap or an endless loop.
struct TOMLLocator {
    /// A key with a value, or the header of a table, and its place.
    struct Entry: Hashable {
        /// From the document's root: `["commands", "backup", "argv"]`.
        let path: [String]

        /// From 1.
        let line: Int
    }

    /// All keys and table headers outside of inline tables, in the order of their lines.
    static func entries(of text: String) -> [Entry] {
        scanned(text).entries
    }

    /// The line of the first escape that stands for a NUL.
    static func lineOfNUL(in text: String) -> Int? {
        scanned(text).lineOfNUL
    }

    /// Something that is not TOML.
    struct Fault: Equatable {
        /// From 1.
        let line: Int

        let message: String
    }

    /// The first fault for which TOMLKit's parser ends the process instead of refusing the document.
    ///
    /// It has assertions (toml++ 3.4.0), which stay in releases, for what it should look at itself: that a table's name
    /// begins as one; that no brace ends an array, nor one of Unicode's line breaks a value in it; that a time follows a
    /// date. In a document that has another fault before this one it may be none.
    static func deadlyFault(in text: String) -> Fault? {
        scanned(text).deadlyFault
    }

    private var rest: ArraySlice<UInt8>
    private var line = 1
    private var deadlyFault: Fault?
    private var lineOfNUL: Int?
    private var table: [String] = []
    private var entries: [Entry] = []

    private init(_ text: String) {
        rest = Array(text.utf8)[...]
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if rest.starts(with: byteOrderMark) { advance(byteOrderMark.count) }
    }

    private static func scanned(_ text: String) -> TOMLLocator {
        var locator = TOMLLocator(text)
        locator.scan()
        return locator
    }

    private mutating func scan() {
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "#"): skipComment()
            case UInt8(ascii: "["): scanHeader()
            default: scanAssignment()
            }
        }
    }

    private mutating func scanHeader() {
        let start = line
        for _ in 0..<2 where rest.first == UInt8(ascii: "[") {
            advance()
            skipBlanks()
        }
        if let byte = rest.first, byte != UInt8(ascii: "]"), !Self.beginsKey(byte) {
            fail("expected a table's name after [")
        }
        while rest.first == UInt8(ascii: "[") { advance() }
        table = scanKey(until: UInt8(ascii: "]"))
        entries.append(Entry(path: table, line: start))
        while rest.first == UInt8(ascii: "]") { advance() }
    }

    private mutating func scanAssignment() {
        let start = line
        let key = scanKey(until: UInt8(ascii: "="))
        entries.append(Entry(path: table + key, line: start))
        guard rest.first == UInt8(ascii: "=") else { return }
        advance()
        skipValue()
    }

    /// The parts of a dotted key, up to `end` or the end of the line, which are left.
    private mutating func scanKey(until end: UInt8) -> [String] {
        var parts: [[UInt8]] = [[]]
        while let byte = rest.first, byte != end, byte != UInt8(ascii: "\n") {
            switch byte {
            case UInt8(ascii: "."): parts.append([])
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                parts[parts.count - 1] += scanString()
                continue
            default: parts[parts.count - 1].append(byte)
            }
            advance()
        }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Passes a value: up to the end of its line, or of the line on which its last bracket closes.
    private mutating func skipValue() {
        var open: [UInt8] = []
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                _ = scanString()
                continue
            case UInt8(ascii: "#"):
                skipComment()
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"): open.append(byte)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if open.popLast() == UInt8(ascii: "["), byte == UInt8(ascii: "}") { fail("expected ], found }") }
            case UInt8(ascii: "\n") where open.isEmpty: return
            case _ where Self.isBare(byte):
                skipWord()
                continue
            case 0x80...: fail("a character that must stand in quotes")
            default: break
            }
            advance()
        }
    }

    /// Passes a value, or a part of one, that is not in quotes, or a key in an inline table.
    private mutating func skipWord() {
        let word = rest.prefix(while: Self.isBare)
        advance(word.count)
        let text = word.filter { $0 != UInt8(ascii: "_") }  // the parser overlooks them, too
        let date = "dddd-dd-dd".utf8
        guard text.count >= date.count,
            zip(text, date).allSatisfy({ $0 == $1 || $1 == UInt8(ascii: "d") && Self.isDigit($0) })
        else { return }
        if text.count > date.count || rest.first == UInt8(ascii: " ") { fail("a date or time, which no key takes") }
    }

    private mutating func fail(_ message: String) {
        deadlyFault = deadlyFault ?? Fault(line: line, message: message)
    }

    private static func beginsKey(_ byte: UInt8) -> Bool {
        isBare(byte) || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
    }

    /// Whether it may stand in a key without quotes.
    private static func isBare(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter || "-_".utf8.contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private mutating func skipBlanks() {
        while let byte = rest.first, " \t".utf8.contains(byte) { advance() }
    }

    private mutating func skipComment() {
        while let byte = rest.first, byte != UInt8(ascii: "\n") { advance() }
    }

    /// Passes a string of any kind, and gives what it holds.
    private mutating func scanString() -> [UInt8] {
        guard let quote = rest.first else { return [] }
        let isMultiline = rest.starts(with: [quote, quote, quote])
        advance(isMultiline ? 3 : 1)
        var content: [UInt8] = []
        while let byte = rest.first {
            if byte == quote {
                if !isMultiline {
                    advance()
                    return content
                }
                if endMultiline(quote, &content) { return content }
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                content += scanEscape()
            } else if byte == UInt8(ascii: "\n"), !isMultiline {
                return content
            } else {
                content.append(byte)
                advance()
            }
        }
        return content
    }

    /// Passes a run of quotes in a multi-line string, and says whether it ended the string.
    ///
    /// The last three quotes of a run end it; up to two may stand before them.
    private mutating func endMultiline(_ quote: UInt8, _ content: inout [UInt8]) -> Bool {
        let run = min(rest.prefix { $0 == quote }.count, 5)
        let isEnd = run >= 3
        content += Array(repeating: quote, count: isEnd ? run - 3 : run)
        advance(run)
        return isEnd
    }

    /// Passes an escape of a basic string, and gives what it stands for.
    private mutating func scanEscape() -> [UInt8] {
        advance()
        guard let kind = rest.first else { return [] }
        advance()
        switch kind {
        case UInt8(ascii: "n"): return [UInt8(ascii: "\n")]
        case UInt8(ascii: "t"): return [UInt8(ascii: "\t")]
        case UInt8(ascii: "r"): return [UInt8(ascii: "\r")]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "u"): return scanScalar(digits: 4)
        case UInt8(ascii: "U"): return scanScalar(digits: 8)
        default: return [kind]
        }
    }

    private mutating func scanScalar(digits count: Int) -> [UInt8] {
        let digits = rest.prefix(count).prefix { ($0 as UInt8) != UInt8(ascii: "\n") }
        advance(digits.count)
        guard let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { return [] }
        if value == 0 { lineOfNUL = lineOfNUL ?? line }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func advance(_ count: Int = 1) {
        for byte in rest.prefix(count) where byte == UInt8(ascii: "\n") { line += 1 }
        rest = rest.dropFirst(count)
    }
}
