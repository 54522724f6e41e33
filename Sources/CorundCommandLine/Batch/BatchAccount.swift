/// What became of the lines of a batch file, so that somebody can go on where it ended.
///
/// Pure.
package struct BatchAccount: Equatable {
    package enum Fate: CaseIterable {
        case submitted
        /// The connection was lost before the daemon said.
        case uncertain
        case refused
    }

    private var parts: [(fate: Fate, lines: ClosedRange<Int>)] = []
    /// The first line that was not sent; nil when all were.
    package var firstUnsent: Int?

    package init() {}

    package static func == (left: BatchAccount, right: BatchAccount) -> Bool {
        left.summary == right.summary
    }

    /// Adds the next lines; they come in the order of the file.
    package mutating func add(_ lines: ClosedRange<Int>, _ fate: Fate) {
        if let last = parts.last, last.fate == fate {
            parts[parts.count - 1].lines = last.lines.lowerBound...lines.upperBound
        } else {
            parts.append((fate, lines))
        }
    }

    /// What became of them, in a line.
    ///
    /// Such as `Submitted: lines 1-1000. Not submitted: all from line 1001 on.`
    package var summary: String {
        Fate.allCases.compactMap { fate in
            var words = parts.filter { $0.fate == fate }.map { Self.words($0.lines) }
            if fate == .refused, let firstUnsent { words.append("all from line \(firstUnsent) on") }
            guard !words.isEmpty else { return fate == .submitted ? "Submitted: none." : nil }
            return "\(Self.title(fate)): \(words.joined(separator: ", "))."
        }.joined(separator: " ")
    }

    private static func title(_ fate: Fate) -> String {
        switch fate {
        case .submitted: "Submitted"
        case .uncertain: "Perhaps submitted"
        case .refused: "Not submitted"
        }
    }

    private static func words(_ lines: ClosedRange<Int>) -> String {
        lines.count == 1 ? "line \(lines.lowerBound)" : "lines \(lines.lowerBound)-\(lines.upperBound)"
    }
}
