/// How far something has come, in one line: `job 17  [=====>    ]  52%  1m05s  reading`.
package struct ProgressReport: Equatable {
    package let title: String
    /// 0 to 1; nil when nobody knows.
    package var fraction: Double?
    package var note: String?
    package var elapsed: Duration

    /// Columns of the bar, without its ends, and the fewest of the line that leave room for one.
    private static let barWidth = 20
    private static let narrowest = 60

    package init(title: String, fraction: Double? = nil, note: String? = nil, elapsed: Duration = .zero) {
        self.title = title
        self.fraction = fraction
        self.note = note
        self.elapsed = elapsed
    }

    /// The line, in `width` columns; a narrow one has no bar.
    package func line(width: Int) -> String {
        let bar = fraction.map(Self.bar).flatMap { width < Self.narrowest ? nil : $0 }
        let percent = fraction.map { JobReport.progress($0, nil) ?? "" }
        let seconds = SpanText.of(.seconds(elapsed.components.seconds))
        return [title, bar, percent, seconds, note].compactMap(\.self).joined(separator: "  ").cut(toWidth: width)
    }

    private static func bar(_ fraction: Double) -> String {
        let filled = fraction.isFinite ? Int(min(max(fraction, 0), 1) * Double(barWidth)) : 0
        let head = filled < barWidth ? ">" : ""
        let rest = String(repeating: " ", count: barWidth - filled - head.count)
        return "[" + String(repeating: "=", count: filled) + head + rest + "]"
    }
}
