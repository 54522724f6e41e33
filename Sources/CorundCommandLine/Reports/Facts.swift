/// Names and values, one pair to a line, the values aligned.
struct Facts {
    private var facts: [(name: String, value: String)] = []
    private let style: Style

    init(_ style: Style) {
        self.style = style
    }

    /// Adds a pair, unless there is no value.
    mutating func add(_ name: String, _ value: String?, _ colour: Style.Colour? = nil) {
        guard let value, !value.isEmpty else { return }
        facts.append((name, style.paint(value.printable, colour)))
    }

    var lines: [String] {
        let width = facts.map(\.name.displayWidth).max() ?? 0
        return facts.map { name, value in
            let padding = String(repeating: " ", count: width - name.displayWidth)
            return "\(style.paint(name, .bold))\(padding)  \(value)"
        }
    }

    /// `name=value` by name, with commas.
    static func pairs(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }
}
