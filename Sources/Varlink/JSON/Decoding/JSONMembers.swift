/// The members of one object: found in one scan, then looked up by name.
///
/// Names are compared byte for byte, as the RFC advises, not by Unicode equivalence as `String` does. Of a repeated
/// name the last value counts.
struct JSONMembers {
    private struct Member {
        /// The name's text between its quotes.
        let name: Range<Int>
        let hasEscapes: Bool
        let value: Range<Int>
    }

    /// A name that is hashed and compared by its bytes.
    private struct Name: Hashable {
        let string: String

        static func == (left: Name, right: Name) -> Bool { left.string.utf8.elementsEqual(right.string.utf8) }

        func hash(into hasher: inout Hasher) {
            for byte in string.utf8 { hasher.combine(byte) }
        }
    }

    /// Up to this many members a search is faster than hashing; beyond it, it would be quadratic at a peer's will.
    private static let largestSearched = 16

    private let object: JSONValue
    private var members: [Member] = []
    private var index: [Name: Int]?

    /// Scans `object`.
    ///
    /// - Throws: `DecodingError` when it is no object.
    init(of object: JSONValue, at path: @autoclosure () -> JSONCodingPath) throws {
        guard object.kind == .object else {
            throw object.mismatch([String: RawJSON].self, expected: "an object", at: path())
        }
        self.object = object
        do {
            try scan()
        } catch let error as JSONError {
            throw DecodingError.dataCorrupted(.init(codingPath: path().keys, debugDescription: "\(error)"))
        }
        if members.count > Self.largestSearched { buildIndex() }
    }

    /// The names in the order of the text, each once.
    var names: [String] {
        members.indices.lazy.map { (position: $0, name: name(of: members[$0])) }
            .filter { position(named: $0.name) == $0.position }
            .map(\.name)
    }

    func value(named name: String) -> JSONValue? {
        position(named: name).map { object.value(at: members[$0].value) }
    }

    private mutating func scan() throws {
        var found: [Member] = []
        try object.withScanner { scanner, text in
            try scanner.beginObject()
            while let key = try scanner.nextMember() {
                let value = try scanner.skipValue()
                found.append(Member(name: key.range(in: text), hasEscapes: key.hasEscapes, value: value))
            }
        }
        members = found
    }

    private mutating func buildIndex() {
        var index: [Name: Int] = [:]
        index.reserveCapacity(members.count)
        for position in members.indices { index[Name(string: name(of: members[position]))] = position }
        self.index = index
    }

    private func position(named name: String) -> Int? {
        if let index { return index[Name(string: name)] }
        var name = name
        return name.withUTF8 { name in
            object.withWholeText { text in
                members.lastIndex { member in
                    guard member.hasEscapes || member.name.count == name.count else { return false }
                    let text = UnsafeBufferPointer(rebasing: text[member.name])
                    return JSONKey(escapedName: text, hasEscapes: member.hasEscapes).equals(name)
                }
            }
        }
    }

    private func name(of member: Member) -> String {
        object.withWholeText { String(unescapingJSON: UnsafeBufferPointer(rebasing: $0[member.name])) }
    }
}
