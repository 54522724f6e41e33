/// One element of a command's `argv`: text with `{name}` where an argument goes, and `{{` and `}}` for braces.
///
/// Pure.
struct ArgumentTemplate: Equatable, Sendable {
    enum Piece: Equatable, Sendable {
        case text(String)
        case placeholder(String)
    }

    struct ParseError: Error {
        let message: String
    }

    let pieces: [Piece]

    /// The names of its placeholders.
    var names: [String] {
        pieces.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
    }

    /// The argument that the element begins with; nil when it begins with what the administrator wrote.
    var leadingName: String? {
        if case .placeholder(let name) = pieces.first { name } else { nil }
    }

    /// - Throws: ``ParseError`` for a brace that is neither doubled nor part of a placeholder.
    init(parsing element: String) throws(ParseError) {
        var pieces: [Piece] = []
        var text = ""
        var rest = element[...]
        while let character = rest.popFirst() {
            guard character == "{" || character == "}" else {
                text.append(character)
                continue
            }
            if rest.first == character {
                text.append(rest.removeFirst())
                continue
            }
            let name = rest.prefix { $0 != "{" && $0 != "}" }
            guard character == "{", rest[name.endIndex...].first == "}", NameRule.argument.allows(String(name)) else {
                throw ParseError(message: "a lone \(character) in \(TOMLText.string(element)); write two for one brace")
            }
            if !text.isEmpty { pieces.append(.text(text)) }
            text = ""
            pieces.append(.placeholder(String(name)))
            rest = rest[name.endIndex...].dropFirst()
        }
        if !text.isEmpty { pieces.append(.text(text)) }
        self.pieces = pieces
    }

    /// The element, with the arguments in their places.
    func fill(_ arguments: [String: String]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .placeholder(let name): arguments[name, default: ""]
            }
        }.joined()
    }
}
