/// Rows in aligned columns, under a line of titles.
///
/// Rows may come in pages: widths never shrink from one to the next. On a terminal the last column is cut, so that a row
/// is a line.
package struct Table {
    package struct Column {
        let title: String
        let isNumeric: Bool

        package static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
        /// Aligned to the right.
        package static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
    }

    package struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let colour: Style.Colour?

        package init(_ text: String, _ colour: Style.Colour? = nil) {
            self.text = text.printable
            self.colour = colour
        }

        package init(stringLiteral text: String) { self.init(text) }
        package init(_ number: Int) { self.init(String(number)) }
    }

    private let columns: [Column]
    /// Columns of the terminal; nil: as many as it takes.
    private let terminalWidth: Int?
    private var widths: [Int]
    private var hasTitles = false

    private static let gap = "  "
    /// What a cut cell still shows; a terminal that is too narrow for that wraps its lines.
    private static let shortestCut = 8

    package init(_ columns: [Column], terminalWidth: Int? = nil) {
        self.columns = columns
        self.terminalWidth = terminalWidth
        widths = columns.map(\.title.displayWidth)
    }

    /// The lines of the next page; the first begins with the titles.
    package mutating func lines(_ rows: [[Cell]], _ style: Style) -> [String] {
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.text.displayWidth) }
        }
        defer { hasTitles = true }
        let titles = hasTitles ? [] : [columns.map { Cell($0.title, .bold) }]
        return (titles + rows).map { line($0, style) }
    }

    /// A table in one piece.
    package static func lines(
        _ columns: [Column], _ rows: [[Cell]], _ style: Style, terminalWidth: Int? = nil
    ) -> [String] {
        var table = Table(columns, terminalWidth: terminalWidth)
        return table.lines(rows, style)
    }

    /// Without blanks at the end of the line.
    private func line(_ row: [Cell], _ style: Style) -> String {
        let last = row.lastIndex { !$0.text.isEmpty } ?? 0
        return row.prefix(last + 1).enumerated().map { index, cell in
            let text = style.paint(index == columns.count - 1 ? cut(cell.text) : cell.text, cell.colour)
            let padding = String(repeating: " ", count: widths[index] - cell.text.displayWidth)
            if columns[index].isNumeric { return padding + text }
            return index == last ? text : text + padding
        }.joined(separator: Self.gap)
    }

    /// A text of the last column, in what the others leave of the terminal.
    private func cut(_ text: String) -> String {
        guard let terminalWidth else { return text }
        let others = widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
        return text.cut(toWidth: max(terminalWidth - others, Self.shortestCut))
    }
}
