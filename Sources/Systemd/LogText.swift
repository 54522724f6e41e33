/// How texts are shown on a line of a log that people, terminals and line-based tools read.
enum LogText {
    /// The text with everything escaped that could end the line, command a terminal or reorder what is shown.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { $0 += escaped($1) }
    }

    /// The text in quotation marks, with those, backslashes and what ``escaped(_:)-(String)`` escapes, escaped.
    static func quoted(_ text: String) -> String {
        let inner = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default: result += escaped(scalar)
            }
        }
        return "\"\(inner)\""
    }

    /// The text as it is when it is one word that cannot be mistaken, otherwise quoted.
    static func word(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            !mustEscape(scalar) && !scalar.properties.isWhitespace && !"\"\\=".unicodeScalars.contains(scalar)
        }
        return isPlain && !text.isEmpty ? text : quoted(text)
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            guard mustEscape(scalar) else { return String(Character(scalar)) }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }

    private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        // The bidirectional embeddings, overrides and isolates: they make a line read otherwise than it is written.
        let reordering: [ClosedRange<UInt32>] = [0x202A...0x202E, 0x2066...0x2069]
        return scalar.breaksLine || reordering.contains { $0.contains(scalar.value) }
    }
}
