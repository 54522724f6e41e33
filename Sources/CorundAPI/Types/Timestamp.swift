/// A point in the time of day, as it is on the wire: RFC 3339 in UTC with microseconds.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
    public let microseconds: Int64

    /// A point that many microseconds after 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whether `left` comes before `right`.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    private static let perSecond: Int64 = 1_000_000
    private static let secondsPerDay: Int64 = 86_400
    /// 0000-01-01T00:00:00Z, the first point that has a text.
    private static let earliest = Timestamp(microseconds: days(0, 1, 1) * secondsPerDay * perSecond)
    /// 9999-12-31T23:59:59.999999Z, the last point that has a text.
    package static let latest = Timestamp(microseconds: days(10_000, 1, 1) * secondsPerDay * perSecond - 1)

    /// Such as `2026-11-21T03:40:01.123456Z`.
    public var description: String {
        let seconds = microseconds.floorDivided(by: Self.perSecond)
        let days = seconds.floorDivided(by: Self.secondsPerDay)
        let time = seconds - days * Self.secondsPerDay
        let (year, month, day) = Self.civil(fromDays: days)
        return year.padded(4) + "-" + month.padded(2) + "-" + day.padded(2) + "T" + (time / 3600).padded(2) + ":"
            + (time / 60 % 60).padded(2) + ":" + (time % 60).padded(2) + "."
            + (microseconds - seconds * Self.perSecond).padded(6) + "Z"
    }

    /// From RFC 3339 text with any number of fractional digits and any offset; nil for anything else.
    public init?(_ text: String) {
        var rest = Substring(text).utf8
        guard let year = rest.number(4), rest.skip("-"), let month = rest.number(2), rest.skip("-"),
            let day = rest.number(2), rest.skip("Tt "), let hour = rest.number(2), rest.skip(":"),
            let minute = rest.number(2), rest.skip(":"), let second = rest.number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61,
            Self.civil(fromDays: Self.days(year, month, day)) == (year, month, day),
            let fraction = rest.fraction(), let offset = rest.offset(), rest.isEmpty
        else { return nil }
        let seconds = Self.days(year, month, day) * Self.secondsPerDay + hour * 3600 + minute * 60 + second - offset
        microseconds = seconds * Self.perSecond + fraction
        guard (Self.earliest...Self.latest).contains(self) else { return nil }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floorDivided(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Timestamp: Codable {
    /// From its text.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let timestamp = Timestamp(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "expected a point in time such as 2026-11-21T03:40:01Z"))
        }
        self = timestamp
    }

    /// As its text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    fileprivate func padded(_ digits: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}

extension Substring.UTF8View {
    fileprivate mutating func number(_ digits: Int) -> Int64? {
        let text = prefix(digits)
        guard text.count == digits, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self = dropFirst(digits)
        return Int64(Substring(text))
    }

    fileprivate mutating func skip(_ anyOf: String) -> Bool {
        guard let next = first, anyOf.utf8.contains(next) else { return false }
        self = dropFirst()
        return true
    }

    /// Microseconds; zero when there is no fraction.
    fileprivate mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        let digits = prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        self = dropFirst(digits.count)
        return Int64((String(Substring(digits)) + "000000").prefix(6))
    }

    /// Seconds east of UTC.
    fileprivate mutating func offset() -> Int64? {
        if skip("Zz") { return 0 }
        let sign: Int64 = first == UInt8(ascii: "-") ? -1 : 1
        guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
