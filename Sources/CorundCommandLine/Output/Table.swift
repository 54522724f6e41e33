/// Rows in aligned columns, under a line of titles.
///
/// Rows may come in pages: widths never shrink from one to the next.
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
    private var widths: [Int]
    private var hasTitles = false

    private static let gap = "  "

    package init(_ columns: [Column]) {
        self.columns = columns
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
    package static func lines(_ columns: [Column], _ rows: [[Cell]], _ style: Style) -> [String] {
        var table = Table(columns)
        return table.lines(rows, style)
    }

    /// Without blanks at the end of the line.
    private func line(_ row: [Cell], _ style: Style) -> String {
        let last = row.lastIndex { !$0.text.isEmpty } ?? 0
        return row.prefix(last + 1).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: widths[index] - cell.text.displayWidth)
            let text = style.paint(cell.text, cell.colour)
            if columns[index].isNumeric { return padding + text }
            return index == last ? text : text + padding
        }.joined(separator: Self.gap)
    }
}
