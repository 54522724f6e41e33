/// The text of a valid JSON number, and its exact conversions.
struct JSONNumber {
    private let text: UnsafeBufferPointer<UInt8>

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    /// How a number converts to an integer type.
    enum Conversion<Integer> {
        case value(Integer)
        /// The number has a fraction.
        case fractional
        /// The number is integral, and the type too narrow.
        case outOfRange
    }

    /// The number as an integer, exactly: `1.0`, `1e3` and `2.50e1` are integers, however they are spelled.
    @inline(__always)
    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Conversion<Integer> {
        plainInteger(type).map(Conversion.value) ?? anyInteger(type)
    }

    /// The nearest value of `type`; nil when the number is too large for it.
    func floatingPoint<Value: BinaryFloatingPoint & LosslessStringConvertible>(_ type: Value.Type) -> Value? {
        guard let value = Value(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// The value of a number that is only digits, with a minus or without, and fits; nil for all others.
    private func plainInteger<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
        let isNegative = text.first == UInt8(ascii: "-")
        var value: Integer = 0
        for byte in text[(isNegative ? 1 : 0)...] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10, Self.append(digit, to: &value, isNegative: isNegative) else { return nil }
        }
        return value
    }

    private func anyInteger<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Conversion<Integer> {
        guard let digits = integralDigits() else { return .fractional }
        let isNegative = text.first == UInt8(ascii: "-")
        var value: Integer = 0
        for digit in digits {
            guard Self.append(digit, to: &value, isNegative: isNegative) else { return .outOfRange }
        }
        return .value(value)
    }

    /// The decimal digits of the number without its sign, nil when it has a fraction.
    ///
    /// A number far beyond every integer type gets only as many zeros as put it beyond them.
    private func integralDigits() -> [UInt8]? {
        // UInt128.max has 39 digits.
        let beyondEveryType = 40
        var (digits, scale) = significand()
        if scale < 0 {
            let dropped = min(-scale, digits.count)
            guard digits.suffix(dropped).allSatisfy({ $0 == 0 }) else { return nil }
            digits.removeLast(dropped)
        } else if digits.contains(where: { $0 != 0 }) {
            digits.append(contentsOf: repeatElement(0, count: min(scale, beyondEveryType)))
        }
        return digits
    }

    /// All digits before the exponent, and the power of ten to multiply them with.
    private func significand() -> (digits: [UInt8], scale: Int) {
        var digits: [UInt8] = []
        var scale = 0
        var isInFraction = false
        for (index, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte - UInt8(ascii: "0"))
                if isInFraction { scale -= 1 }
            case UInt8(ascii: "."): isInFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                return (digits, scale + exponent(of: text[(index + 1)...]))
            default: break
            }
        }
        return (digits, scale)
    }

    /// The value of an exponent, held far inside of `Int`: no text is long enough for larger ones to matter.
    private func exponent(of text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        let limit = Int.max / 100
        var magnitude = 0
        for byte in text where byte >= UInt8(ascii: "0") {
            magnitude = min(limit, magnitude * 10 + Int(byte - UInt8(ascii: "0")))
        }
        return text.first == UInt8(ascii: "-") ? -magnitude : magnitude
    }

    /// Appends a decimal digit; false when the type is too narrow.
    @inline(__always)
    private static func append<Integer: FixedWidthInteger>(
        _ digit: UInt8,
        to value: inout Integer,
        isNegative: Bool
    ) -> Bool {
        let (shifted, shiftOverflows) = value.multipliedReportingOverflow(by: 10)
        let digit = Integer(truncatingIfNeeded: digit)
        // Downwards from zero, so that the least value of a signed type is reached without an overflow.
        let (sum, sumOverflows) =
            isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
        value = sum
        return !shiftOverflows && !sumOverflows
    }
}
