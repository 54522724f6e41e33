/// A span of time as people write it: `500ms`, `10s`, `2min`, `1h`, `1.5h`, `1h30min`.
package struct TimeSpan: Equatable, Sendable {
    package let duration: Duration

    /// Units in microseconds, the longest name of those that begin alike first.
    private static let units: [(name: String, microseconds: Int64)] = [
        ("us", 1), ("ms", 1000), ("min", 60_000_000), ("s", 1_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000),
    ]

    package init(_ duration: Duration) {
        self.duration = duration
    }

    /// From numbers, each with a unit, added up; a number may have a decimal fraction.
    ///
    /// - Returns: nil for anything else, such as a number without its unit, and beyond some 290,000 years.
    package init?(_ text: String) {
        var rest = Substring(text)
        var total: Int64 = 0
        repeat {
            guard let part = Self.takePart(&rest) else { return nil }
            let (sum, overflows) = total.addingReportingOverflow(part)
            guard !overflows else { return nil }
            total = sum
            while rest.first == " " { rest.removeFirst() }
        } while !rest.isEmpty
        duration = .microseconds(total)
    }

    /// Microseconds of the number and unit at the front.
    private static func takePart(_ rest: inout Substring) -> Int64? {
        let whole = takeDigits(&rest)
        var fraction = ""
        if rest.first == "." {
            rest.removeFirst()
            fraction = takeDigits(&rest)
            guard !fraction.isEmpty else { return nil }
        }
        guard let value = Int64(whole), let unit = units.first(where: { rest.hasPrefix($0.name) }) else { return nil }
        rest = rest.dropFirst(unit.name.count)
        let (scaled, overflows) = value.multipliedReportingOverflow(by: unit.microseconds)
        let (sum, sumOverflows) = scaled.addingReportingOverflow(part(fraction, of: unit.microseconds))
        return overflows || sumOverflows ? nil : sum
    }

    private static func takeDigits(_ rest: inout Substring) -> String {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return String(digits)
    }

    /// The decimal fraction of a unit, digit by digit; what is shorter than a microsecond is dropped.
    private static func part(_ digits: String, of unit: Int64) -> Int64 {
        var unit = unit
        var total: Int64 = 0
        for digit in digits.utf8 {
            total += unit * Int64(digit - UInt8(ascii: "0")) / 10
            unit /= 10
        }
        return total
    }
}
