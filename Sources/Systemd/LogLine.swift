import Logging

/// A log event as one readable line: `2026-11-21T03:40:01.123Z info  corund: message key=value`.
enum LogLine {
    /// The line with its end, in UTF-8.
    ///
    /// - Parameter record: What is logged, not before 1970-01-01T00:00:00Z.
    /// - Returns: One line, with nothing in it that ends a line but its end.
    static func bytes(of record: LogRecord) -> [UInt8] {
        let pairs = record.metadata.pairs.map { " \(LogText.word($0.key))=\(LogText.word($0.value))" }.joined()
        let message = LogText.escaped(record.event.message.description)
        let (time, level) = (timestamp(of: record.time), padded(record.event.level))
        return Array("\(time) \(level) \(LogText.escaped(record.label)): \(message)\(pairs)\n".utf8)
    }

    /// Most levels have five letters or fewer: those align, and the longer, rarer ones stand out.
    private static func padded(_ level: Logger.Level) -> String {
        let width = 5
        return level.rawValue + String(repeating: " ", count: max(0, width - level.rawValue.count))
    }

    /// The time in UTC with milliseconds, as RFC 3339 writes it.
    static func timestamp(of time: Duration) -> String {
        let secondsInDay: Int64 = 86_400
        let (seconds, attoseconds) = time.components
        let date = civilDate(ofDay: seconds / secondsInDay)
        let second = seconds % secondsInDay
        let milliseconds = attoseconds / 1_000_000_000_000_000
        return "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))"
            + "T\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
            + ".\(digits(milliseconds, 3))Z"
    }

    /// The date of a day counted from 1970-01-01, in the Gregorian calendar.
    ///
    /// By eras of 400 years that begin in March, so that the leap day is the last of a year (Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms", civil_from_days): gmtime_r(3) without its tables and locks.
    private static func civilDate(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let daysInEra: Int64 = 146_097
        let shifted = day + 719_468  // From 0000-03-01.
        let era = shifted / daysInEra
        let dayOfEra = shifted % daysInEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153  // From March.
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
