/// Turns the inside of a JSON string into the text it means.
///
/// Written for validated text. On anything else it puts U+FFFD for what it does not understand, and stays in bounds.
struct JSONUnescaper {
    private let body: UnsafeBufferPointer<UInt8>
    private let output: UnsafeMutableBufferPointer<UInt8>
    private var position = 0
    private var written = 0

    /// Makes an unescaper from `body` into `output`, which must be at least as large: unescaping never lengthens.
    init(_ body: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) {
        self.body = body
        self.output = output
    }

    /// Unescapes everything and returns the number of bytes written.
    mutating func run() -> Int {
        while position < body.count {
            let byte = body[position]
            position += 1
            if byte == UInt8(ascii: "\\"), position < body.count { unescape() } else { write(byte) }
        }
        return written
    }

    /// The value of a hexadecimal digit, nil for other bytes.
    @inline(__always)
    static func hexadecimalValue(of byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private mutating func write(_ byte: UInt8) {
        output[written] = byte
        written += 1
    }

    private mutating func unescape() {
        let letter = body[position]
        position += 1
        switch letter {
        case UInt8(ascii: "b"): write(0x08)
        case UInt8(ascii: "f"): write(0x0C)
        case UInt8(ascii: "n"): write(0x0A)
        case UInt8(ascii: "r"): write(0x0D)
        case UInt8(ascii: "t"): write(0x09)
        case UInt8(ascii: "u"): unescapeUnicode()
        default: write(letter)
        }
    }

    private mutating func unescapeUnicode() {
        guard let first = codeUnit(at: position) else { return }
        position += 4
        var scalar = Unicode.Scalar(first)
        if scalar == nil, position + 1 < body.count, body[position] == UInt8(ascii: "\\"),
            body[position + 1] == UInt8(ascii: "u"), let second = codeUnit(at: position + 2)
        {
            position += 6
            scalar = Unicode.Scalar(0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF)))
        }
        for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { write(byte) }
    }

    private func codeUnit(at start: Int) -> UInt16? {
        guard start + 4 <= body.count else { return nil }
        var unit: UInt16 = 0
        for byte in body[start..<start + 4] {
            guard let digit = Self.hexadecimalValue(of: byte) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }
}

extension String {
    /// Makes the text that `body`, the inside of a JSON string without its quotes, means.
    init(unescapingJSON body: UnsafeBufferPointer<UInt8>) {
        if EightBytes.endOfUnescapedRun(in: body, from: 0) == body.count {
            self.init(decoding: body, as: UTF8.self)
        } else {
            // SAFETY: the unescaper writes at most one byte for each it reads (`\uXXXX` becomes up to three bytes, a
            // pair of them four), initialises all that it counts, and the initialiser repairs ill-formed UTF-8.
            self.init(unsafeUninitializedCapacity: body.count) { output in
                var unescaper = JSONUnescaper(body, into: output)
                return unescaper.run()
            }
        }
    }
}
