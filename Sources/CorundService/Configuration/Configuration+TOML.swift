extension Configuration {
    /// Reads a document: the defaults, with what the document sets.
    ///
    /// - Parameters:
    ///   - toml: The text of the document.
    ///   - file: What the problems name as its file.
    /// - Throws: ``ConfigurationError`` with all that is wrong: of an error of syntax the first alone, otherwise every
    ///   unknown key, wrong type and impossible value.
    public init(toml: String, file: String) throws(ConfigurationError) {
        var reader = ConfigurationReader()
        reader.read(toml: toml, file: file)
        self = try reader.finish()
    }

    /// The configuration as a document that ``init(toml:file:)`` reads back to an equal one.
    ///
    /// Every key in the order of ``keys``; those without a value as a comment. Then access, and the groups and the
    /// commands in the order of their names. Times are cut to whole microseconds.
    ///
    /// - Returns: TOML, each line ended.
    public func render() -> String {
        renderKeys() + "\n[access]\n\(access.renderKeys())" + Self.render(groups, under: "groups")
            + Self.render(commands, under: "commands")
    }

    private static func render(_ tables: [String: some ConfigurationTable], under name: String) -> String {
        tables.sorted { $0.key < $1.key }
            .map { "\n[\(name).\(TOMLText.key($0.key))]\n\($0.value.renderKeys())" }.joined()
    }
}
