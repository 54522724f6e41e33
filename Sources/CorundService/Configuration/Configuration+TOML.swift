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
    /// Every key in the order of ``keys``; those without a value as a comment. Then the groups and the commands, in the
    /// order of their names. Times are cut to whole microseconds.
    ///
    /// - Returns: TOML, each line ended.
    public func render() -> String {
        renderKeys() + Self.render(groups, under: "groups") + Self.render(commands, under: "commands")
    }

    private static func render(_ tables: [String: some ConfigurationTable], under name: String) -> String {
        tables.sorted { $0.key < $1.key }
            .map { "\n[\(name).\(TOMLText.key($0.key))]\n\($0.value.renderKeys())" }.joined()
    }

    /// The names of what differs: what a reload changed.
    ///
    /// - Parameter other: The configuration to compare with.
    /// - Returns: Keys as in a file, in the order of ``keys``; then groups and commands, each as a whole, as
    ///   `commands.backup`.
    public func keysThatDiffer(from other: Configuration) -> [String] {
        Self.keys.filter { $0.render(self) != $0.render(other) }.map(\.name)
            + Self.namesThatDiffer(groups, other.groups, under: "groups")
            + Self.namesThatDiffer(commands, other.commands, under: "commands")
    }

    private static func namesThatDiffer<Settings: Equatable>(
        _ ours: [String: Settings], _ theirs: [String: Settings], under name: String
    ) -> [String] {
        Set(ours.keys).union(theirs.keys).sorted().filter { ours[$0] != theirs[$0] }
            .map { "\(name).\(TOMLText.key($0))" }
    }
}
