/// Lengths of time as systemd writes them: `500ms`, `10s`, `2min`, `1h`, `1d`, `1min 30s`.
///
/// The grammar of systemd.time(7), "Parsing Time Spans": numbers, with a fraction if one likes, each with a unit, added
/// up; a lone number without a unit is in seconds. Unlike there, several numbers need their units (`1 000` is more likely
/// a thousand than one), and there is no `infinity`, since everything here is bounded.
public enum TimeSpan {
    /// Why a text is no time span.
    public enum ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is no text, or only spaces.
        case empty
        /// A number was expected here.
        case noNumber(found: String)
        /// One of several numbers has no unit.
        case noUnit(number: String)
        /// These letters are no unit of time.
        case unknownUnit(String)
        /// The number has a fraction below a microsecond, which is the smallest time that is kept.
        case tooFine(String)
        /// The time is longer than ``TimeSpan/longest``.
        case tooLong

        /// A phrase that says what is wrong.
        public var description: String {
            switch self {
            case .empty: "an empty time"
            case .noNumber(let found): "\"\(found)\" where a number should be"
            case .noUnit(let number): "\(number) without a unit beside other numbers (write \(number)s for seconds)"
            case .unknownUnit(let unit): "the unknown unit \"\(unit)\" (use us, ms, s, min, h, d or w)"
            case .tooFine(let number): "\(number), a time finer than a microsecond"
            case .tooLong: "a time longer than any that can be kept"
            }
        }
    }

    /// The longest time that can be parsed, about 292,000 years.
    public static let longest = Duration.microseconds(Int64.max)

    /// Reads a time span; whole microseconds, from zero to ``longest``.
    ///
    /// - Parameter text: As `1min 30s`; spaces may stand anywhere between numbers and units.
    /// - Returns: The time.
    /// - Throws: ``ParseError``.
    public static func parse(_ text: String) throws(ParseError) -> Duration {
        var rest = text.unicodeScalars[...]
        skipSpaces(&rest)
        guard !rest.isEmpty else { throw .empty }
        var total: UInt64?
        while !rest.isEmpty {
            let (sum, overflow) = (total ?? 0).addingReportingOverflow(try parsePart(&rest, isAlone: total == nil))
            guard !overflow, sum <= UInt64(Int64.max) else { throw .tooLong }
            total = sum
            skipSpaces(&rest)
        }
        return .microseconds(Int64(total ?? 0))
    }

    /// Writes a time span so that ``parse(_:)`` reads it back: the largest units first, `0s` for none.
    ///
    /// - Parameter duration: From zero to ``longest``; a fraction below a microsecond is cut off. A negative one counts
    ///   as zero, a longer one as the longest.
    /// - Returns: As `1min 30s`.
    public static func render(_ duration: Duration) -> String {
        let (seconds, attoseconds) = min(max(duration, .zero), longest).components
        var rest = UInt64(seconds) * 1_000_000 + UInt64(attoseconds / 1_000_000_000_000)
        let parts = Unit.allCases.filter(\.isRendered).reversed().compactMap { unit in
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: unit.rawValue)
            rest = remainder
            return quotient > 0 ? "\(quotient)\(unit.names[0])" : nil
        }
        return parts.isEmpty ? "0s" : parts.joined(separator: " ")
    }

    /// The units of systemd.time(7), by their microseconds, in rising order.
    private enum Unit: UInt64, CaseIterable {
        case microsecond = 1
        case millisecond = 1_000
        case second = 1_000_000
        case minute = 60_000_000
        case hour = 3_600_000_000
        case day = 86_400_000_000
        case week = 604_800_000_000
        case month = 2_629_800_000_000  // 30.44 days
        case year = 31_557_600_000_000  // 365.25 days

        /// How it may be written; first, how it is.
        var names: [String] {
            switch self {
            case .microsecond: ["us", "usec", "µs", "μs"]
            case .millisecond: ["ms", "msec"]
            case .second: ["s", "sec", "second", "seconds"]
            case .minute: ["min", "m", "minute", "minutes"]
            case .hour: ["h", "hr", "hour", "hours"]
            case .day: ["d", "day", "days"]
            case .week: ["w", "week", "weeks"]
            case .month: ["M", "month", "months"]
            case .year: ["y", "year", "years"]
            }
        }

        /// Weeks, months and years are understood but not written: "14d" needs no thought.
        var isRendered: Bool { self <= .day }

        static func <= (left: Unit, right: Unit) -> Bool { left.rawValue <= right.rawValue }

        init?(name: String) {
            guard let unit = Unit.allCases.first(where: { $0.names.contains(name) }) else { return nil }
            self = unit
        }
    }

    private typealias Scalars = String.UnicodeScalarView.SubSequence

    /// Takes a number and its unit, and gives their microseconds.
    private static func parsePart(_ rest: inout Scalars, isAlone: Bool) throws(ParseError) -> UInt64 {
        let whole = take(&rest, while: isDigit)
        var fraction = ""
        if rest.first == "." {
            rest.removeFirst()
            fraction = take(&rest, while: isDigit)
            guard !fraction.isEmpty else { throw .noNumber(found: "\(whole).\(String(rest))") }
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw .noNumber(found: String(rest)) }
        skipSpaces(&rest)
        let name = take(&rest) { !isDigit($0) && !isSpace($0) && $0 != "." }
        guard !name.isEmpty || (isAlone && rest.isEmpty) else { throw .noUnit(number: number(whole, fraction)) }
        guard let unit = name.isEmpty ? .second : Unit(name: name) else { throw .unknownUnit(name) }
        return try microseconds(whole: whole, fraction: fraction, unit: unit)
    }

    private static func microseconds(whole: String, fraction: String, unit: Unit) throws(ParseError) -> UInt64 {
        guard let number = whole.isEmpty ? 0 : UInt64(whole) else { throw .tooLong }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.rawValue)
        guard !overflow else { throw .tooLong }
        var digitUnit = unit.rawValue
        var sum = product
        for digit in fraction.unicodeScalars where sum <= UInt64(Int64.max) {
            let value = UInt64(digit.value - 48)
            guard digitUnit % 10 == 0 || value == 0 else {
                throw .tooFine(Self.number(whole, fraction) + unit.names[0])
            }
            digitUnit /= 10
            sum += value * digitUnit  // Below `unit` in total, and `sum` is below 2^63: no overflow.
        }
        return sum
    }

    private static func number(_ whole: String, _ fraction: String) -> String {
        fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }

    private static func take(_ rest: inout Scalars, while condition: (Unicode.Scalar) -> Bool) -> String {
        let taken = rest.prefix(while: condition)
        rest = rest[taken.endIndex...]
        return String(taken)
    }

    private static func skipSpaces(_ rest: inout Scalars) { rest = rest.drop(while: isSpace) }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}
