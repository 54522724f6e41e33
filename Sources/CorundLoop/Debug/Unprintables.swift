extension String {
    /// The text as it can be shown in one line of a terminal: each character is replaced that would move the cursor, change
    /// colours, end the line or turn the direction of writing.
    ///
    /// Names of tasks, words of errors and what jobs say may be anybody's.
    package func replacingUnprintables(with replacement: (Unicode.Scalar) -> String = \.spelledOut) -> String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return unicodeScalars.reduce(into: "") { $0 += $1.isUnprintable ? replacement($1) : String($1) }
    }
}

extension Unicode.Scalar {
    /// The character as Swift's own string literals have it.
    package var spelledOut: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16, uppercase: true))}"
        }
    }

    fileprivate var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0: true  // C0, DEL, C1
        case 0x2028, 0x2029: true  // line and paragraph separators
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // direction of writing
        default: false
        }
    }
}
