package import CorundAPI

/// Spans of time and sizes, for people.
package enum SpanText {
    private static let units: [(name: String, microseconds: Int64)] = [
        ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1),
    ]

    /// Such as `850us`, `12.3ms`, `4.5s`, `2m05s`, `3d04h`.
    package static func of(microseconds: Int64) -> String {
        let span = max(0, microseconds)
        guard let index = units.firstIndex(where: { span >= $0.microseconds }) else { return "0s" }
        let (name, unit) = units[index]
        switch unit {
        case 1: return "\(span)us"
        case ..<60_000_000:
            let tenth = span / unit < 100 ? span % unit * 10 / unit : 0
            return tenth == 0 ? "\(span / unit)\(name)" : "\(span / unit).\(tenth)\(name)"
        default:
            let next = units[index + 1]
            let rest = span % unit / next.microseconds
            return "\(span / unit)\(name)\(rest < 10 ? "0" : "")\(rest)\(next.name)"
        }
    }

    package static func of(_ duration: Duration) -> String {
        of(microseconds: duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000)
    }

    package static func of(milliseconds: Int) -> String {
        let (microseconds, overflows) = Int64(milliseconds).multipliedReportingOverflow(by: 1000)
        return of(microseconds: overflows ? .max : microseconds)
    }

    package static func between(_ start: Timestamp, _ end: Timestamp) -> String {
        of(microseconds: end.microseconds - start.microseconds)
    }

    /// How long ago something was, in whole seconds at least.
    package static func age(of time: Timestamp, at now: Timestamp) -> String {
        let second: Int64 = 1_000_000
        return of(microseconds: (now.microseconds - time.microseconds) / second * second)
    }

    /// Such as `12.3 MiB`.
    package static func ofBytes(_ bytes: Int) -> String {
        let mebibyte = 1 << 20
        return "\(bytes / mebibyte).\(bytes % mebibyte * 10 / mebibyte) MiB"
    }
}
