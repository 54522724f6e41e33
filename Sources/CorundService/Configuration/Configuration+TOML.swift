import TOMLKit

extension Configuration {
    /// Reads a document: the defaults, with what the document sets.
    ///
    /// - Parameters:
    ///   - toml: The text of the document.
    ///   - file: What the problems name as its file.
    /// - Throws: ``ConfigurationError`` with all that is wrong: of an error of syntax the first alone, otherwise every
    ///   unknown key, wrong type and impossible value.
    public init(toml: String, file: String) throws(ConfigurationError) {
        self.init()
        let problems = apply(toml: toml, file: file)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }

    /// The configuration as a document that ``init(toml:file:)`` reads back to an equal one.
    ///
    /// Every key in the order of ``keys``; those without a value as a comment. Times are cut to whole microseconds.
    ///
    /// - Returns: TOML, each line ended.
    public func render() -> String {
        Self.keys.map { key in
            key.render(self).map { "\(key.name) = \($0)\n" } ?? "# \(key.name) is not set\n"
        }.joined()
    }

    /// The names of the keys whose values differ, in the order of ``keys``: what a reload changed.
    ///
    /// - Parameter other: The configuration to compare with.
    /// - Returns: Names as in a file.
    public func keysThatDiffer(from other: Configuration) -> [String] {
        Self.keys.filter { $0.render(self) != $0.render(other) }.map(\.name)
    }

    /// Sets what a document sets, and gives all that is wrong with it, in the order of its lines.
    mutating func apply(toml: String, file: String) -> [ConfigurationError.Problem] {
        let table: TOMLTable
        do {
            // TOMLKit hands the text to a C function, for which a NUL would end it: the rest would go unread.
            if let line = Self.lineOfNUL(in: toml) {
                return [.init(file: file, line: line, message: "a NUL byte; remove it")]
            }
            table = try TOMLTable(string: toml)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            return [.init(file: file, line: place.line, column: place.column, message: error.description)]
        } catch {
            return [.init(file: file, message: "\(error)")]
        }
        return apply(table, entries: TOMLLocator.entries(of: toml), file: file)
    }

    private mutating func apply(
        _ table: TOMLTable, entries: [TOMLLocator.Entry], file: String
    ) -> [ConfigurationError.Problem] {
        var problems: [ConfigurationError.Problem] = []
        for (name, value) in table {
            guard let message = apply(value, to: name) else { continue }
            let entry = entries.first { $0.path.first == name }
            problems.append(.init(file: file, line: entry?.line, key: Self.shown(name), message: message))
        }
        return problems.sorted { ($0.line ?? 0, $0.key ?? "") < ($1.line ?? 0, $1.key ?? "") }
    }

    /// Sets one key; the result says what is wrong.
    private mutating func apply(_ value: any TOMLValueConvertible, to name: String) -> String? {
        if let key = Self.keys.first(where: { $0.name == name }) {
            return key.read(value, &self).map { "expected \(key.expectation), found \($0.found)" }
        }
        if value.type == .table {
            return "unknown table; this version has no tables, put the keys at the top of the file or remove it"
        }
        guard let guess = Spelling.nearest(to: name, among: Self.keys.map(\.name)) else {
            return "unknown key; remove it, or see --print-config for the keys that there are"
        }
        return "unknown key; did you mean \(guess)?"
    }

    /// A key as one would have to write it.
    private static func shown(_ name: String) -> String {
        let isBare = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isBare && !name.isEmpty ? name : TOMLText.string(name)
    }

    private static func lineOfNUL(in text: String) -> Int? {
        guard let position = text.utf8.firstIndex(of: 0) else { return nil }
        return text.utf8[..<position].count { $0 == UInt8(ascii: "\n") } + 1
    }
}
