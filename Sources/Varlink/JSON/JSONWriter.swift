/// An append-only writer of JSON text for messages whose shape the code knows.
///
/// It escapes strings and formats numbers; the punctuation, and so the grammar, is the caller's, written as literals.
package struct JSONWriter: Sendable {
    /// What has been written.
    package var bytes: [UInt8] = []

    /// Makes an empty writer.
    ///
    /// - Parameter capacity: the number of bytes to make room for at once.
    package init(reserving capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends a piece of JSON text as it is.
    @inline(__always)
    package mutating func literal(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends one byte as it is.
    @inline(__always)
    package mutating func byte(_ byte: UInt8) { bytes.append(byte) }

    /// Appends `text` as a string in quotes, with quotes, backslashes and control characters escaped.
    package mutating func string(_ text: String) {
        // Native strings are contiguous UTF-8; the copy is for the rest, which Linux does not produce.
        if text.utf8.withContiguousStorageIfAvailable({ string(wellFormed: $0) }) == nil {
            Array(text.utf8).withUnsafeBufferPointer { string(wellFormed: $0) }
        }
    }

    /// Appends an integer of any width.
    package mutating func integer(_ value: some FixedWidthInteger) {
        if let magnitude = UInt64(exactly: value.magnitude) {
            digits(of: magnitude, isNegative: value < 0)
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }

    /// Appends the shortest text that reads back as `value`, which must be finite: JSON has no other numbers.
    package mutating func number(_ value: some BinaryFloatingPoint & LosslessStringConvertible) {
        precondition(value.isFinite, "JSON has no text for infinities and NaN")
        bytes.append(contentsOf: value.description.utf8)
    }

    /// Appends `true` or `false`.
    package mutating func boolean(_ value: Bool) {
        literal(value ? "true" : "false")
    }

    /// Appends `null`.
    package mutating func null() { literal("null") }

    /// Appends a value's text, byte for byte.
    package mutating func raw(_ value: RawJSON) {
        bytes.append(contentsOf: value.bytes)
    }

    // MARK: Pieces

    private mutating func string(wellFormed text: UnsafeBufferPointer<UInt8>) {
        byte(UInt8(ascii: "\""))
        var start = 0
        while true {
            let stop = EightBytes.endOfUnescapedRun(in: text, from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<stop]))
            if stop == text.count { break }
            escape(text[stop])
            start = stop + 1
        }
        byte(UInt8(ascii: "\""))
    }

    private mutating func escape(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""): literal("\\\"")
        case UInt8(ascii: "\\"): literal("\\\\")
        case 0x08: literal("\\b")
        case 0x0C: literal("\\f")
        case 0x0A: literal("\\n")
        case 0x0D: literal("\\r")
        case 0x09: literal("\\t")
        default:
            literal(character < 0x10 ? "\\u000" : "\\u001")
            let digit = character & 0xF
            byte(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    private mutating func digits(of magnitude: UInt64, isNegative: Bool) {
        // UInt64.max has 20 digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { digits in
            var start = digits.count
            var rest = magnitude
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest != 0
            if isNegative {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }
}
