import CorundLoop

extension String {
    /// The text as it can be shown in one line of a terminal.
    package var printable: String { replacingUnprintables() }

    /// JSON on one line as it can be shown on a terminal: the same value, with escapes for what ``printable`` spells out.
    ///
    /// (JSON itself escapes none but the oldest of the characters that terminals obey.)
    package var printableJSON: String { replacingUnprintables(with: \.escaped) }

    /// Columns that the text takes on a terminal.
    package var displayWidth: Int {
        reduce(0) { $0 + ($1.isWide ? 2 : 1) }
    }

    /// The text, cut to `width` columns if it takes more; the last one then says so.
    package func cut(toWidth width: Int) -> String {
        guard displayWidth > width else { return self }
        var (text, left) = ("", width - 1)
        for character in self {
            left -= character.isWide ? 2 : 1
            guard left >= 0 else { break }
            text.append(character)
        }
        return width > 0 ? text + "…" : ""
    }
}

extension Unicode.Scalar {
    /// As JSON has it: four digits, which is enough for each that is unprintable.
    fileprivate var escaped: String {
        let digits = String(value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension Character {
    /// East Asian wide and fullwidth blocks, and emoji.
    fileprivate var isWide: Bool {
        guard let scalar = unicodeScalars.first else { return false }
        switch scalar.value {
        case 0..<0x1100: return false
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return true
        default: return scalar.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}")
        }
    }
}
