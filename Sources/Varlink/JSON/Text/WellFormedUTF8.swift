/// Well-formed UTF-8 byte sequences, as table 3-7 of the Unicode standard lists them.
enum WellFormedUTF8 {
    /// The length of the well-formed sequence of two to four bytes at `start`, or 0 when there is none before `end`.
    ///
    /// Overlong forms, encoded surrogates and scalars above U+10FFFF are not well-formed.
    static func sequenceLength(in text: UnsafeBufferPointer<UInt8>, at start: Int, end: Int) -> Int {
        let lead = text[start]
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return 0
        }
        guard end - start >= length, secondBytes(after: lead).contains(text[start + 1]) else { return 0 }
        if length > 2, text[start + 2] & 0xC0 != 0x80 { return 0 }
        if length > 3, text[start + 3] & 0xC0 != 0x80 { return 0 }
        return length
    }

    private static func secondBytes(after lead: UInt8) -> ClosedRange<UInt8> {
        switch lead {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
    }
}
