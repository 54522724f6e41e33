/// Eight bytes of text looked at in one register, so that plain runs of a string cost an eighth of a loop.
///
/// Chosen over `SIMD16`, whose masks Swift cannot turn into a bit index without leaving the vector unit byte by byte.
/// In each mask a byte's top bit is set where the property holds. A borrow can set false bits, but only above a true
/// one, so the lowest set bit is always exact.
struct EightBytes {
    static let count = 8

    private static let lowBits: UInt64 = 0x0101_0101_0101_0101
    private static let topBits: UInt64 = 0x8080_8080_8080_8080

    private let word: UInt64

    /// Loads the bytes that start at `offset`; at least eight must remain.
    @inline(__always)
    init(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) {
        // SAFETY: every caller has compared the bytes that remain with `count`; any eight bytes are a UInt64.
        word = UInt64(littleEndian: UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Marks quotes, backslashes and bytes below 0x20: all that cannot stand in a string as it is.
    @inline(__always)
    var needingEscape: UInt64 {
        let quote = word ^ (Self.lowBits &* 0x22)
        let backslash = word ^ (Self.lowBits &* 0x5C)
        let quotes = (quote &- Self.lowBits) & ~quote
        let backslashes = (backslash &- Self.lowBits) & ~backslash
        let controls = (word &- Self.lowBits &* 0x20) & ~word
        return (quotes | backslashes | controls) & Self.topBits
    }

    /// Marks bytes of 0x80 and above: parts of UTF-8 sequences.
    @inline(__always)
    var nonASCII: UInt64 { word & Self.topBits }

    /// The index, 0 to 7, of the first byte that `mask` marks.
    @inline(__always)
    static func firstIndex(in mask: UInt64) -> Int { mask.trailingZeroBitCount / 8 }

    /// The offset at or after `start` of the first byte that cannot stand in a string unescaped, or the text's end.
    @inline(__always)
    static func endOfUnescapedRun(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        while text.count - position >= Self.count {
            let mask = EightBytes(text, at: position).needingEscape
            if mask != 0 { return position + firstIndex(in: mask) }
            position += Self.count
        }
        while position < text.count, !needsEscape(text[position]) { position += 1 }
        return position
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
