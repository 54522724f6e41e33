/// What a `.varlink` text declares, as far as names go: enough to compare the wire types with it.
struct InterfaceDefinition {
    struct Field: Equatable {
        let name: String
        let isOptional: Bool
        /// The fields of a type that is written in place.
        let inner: [Field]
    }

    struct Method {
        let parameters: [Field]
        let results: [Field]
    }

    private(set) var name = ""
    private(set) var types: [String: [Field]] = [:]
    /// Types that are one of a list of names.
    private(set) var enumerations: [String: [String]] = [:]
    private(set) var methods: [String: Method] = [:]
    private(set) var errors: [String: [Field]] = [:]

    struct SyntaxError: Error {
        let found: String?
        let wanted: String
    }

    init(parsing text: String) throws {
        var tokens = Tokens(text)
        while let word = tokens.next() {
            switch word {
            case "interface": name = try tokens.require()
            case "type": try parseType(&tokens)
            case "method":
                let method = try tokens.require()
                let parameters = try tokens.fields()
                try tokens.expect("->")
                methods[method] = Method(parameters: parameters, results: try tokens.fields())
            case "error": errors[try tokens.require()] = try tokens.fields()
            default: throw SyntaxError(found: word, wanted: "a declaration")
            }
        }
    }

    private mutating func parseType(_ tokens: inout Tokens) throws {
        let name = try tokens.require()
        if tokens.isEnumeration {
            enumerations[name] = try tokens.names()
        } else {
            types[name] = try tokens.fields()
        }
    }

    private struct Tokens {
        private var rest: ArraySlice<String>

        /// Names are words, everything else but space is a token of one character, save `->`, `[]` and `[string]`.
        init(_ text: String) {
            var tokens: [String] = []
            for line in text.split(separator: "\n") {
                var word = ""
                for character in line.prefix(while: { $0 != "#" }) + " " {
                    if character.isLetter || character.isNumber || "_.->[]".contains(character) {
                        word.append(character)
                    } else {
                        if !word.isEmpty { tokens.append(word) }
                        word = ""
                        if !character.isWhitespace { tokens.append(String(character)) }
                    }
                }
            }
            rest = tokens[...]
        }

        mutating func next() -> String? { rest.popFirst() }

        mutating func require() throws -> String {
            guard let token = next() else { throw SyntaxError(found: nil, wanted: "a name") }
            return token
        }

        mutating func expect(_ token: String) throws {
            let found = next()
            guard found == token else { throw SyntaxError(found: found, wanted: token) }
        }

        /// Whether `( name ,` or `( name )` comes next.
        var isEnumeration: Bool {
            let next = rest.prefix(3)
            return next.count == 3 && next.first == "(" && (next.last == "," || next.last == ")")
        }

        mutating func names() throws -> [String] {
            try list { try $0.require() }
        }

        mutating func fields() throws -> [Field] {
            try list { tokens in
                let name = try tokens.require()
                try tokens.expect(":")
                let isOptional = tokens.skip("?")
                _ = tokens.skip("[]")
                let inner = tokens.rest.first == "(" ? try tokens.fields() : []
                if inner.isEmpty { _ = try tokens.require() }
                return Field(name: name, isOptional: isOptional, inner: inner)
            }
        }

        private mutating func list<Item>(_ item: (inout Tokens) throws -> Item) throws -> [Item] {
            try expect("(")
            var items: [Item] = []
            while !skip(")") {
                if !items.isEmpty { try expect(",") }
                items.append(try item(&self))
            }
            return items
        }

        private mutating func skip(_ token: String) -> Bool {
            guard rest.first == token else { return false }
            rest.removeFirst()
            return true
        }
    }
}
