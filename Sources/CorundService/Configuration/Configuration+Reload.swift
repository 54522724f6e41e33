/// What another configuration means to a daemon that runs.
extension Configuration {
    /// The names of what differs.
    ///
    /// - Parameter other: The configuration to compare with.
    /// - Returns: Keys as in a file, in the order of ``keys``; then those of access, as `access.submit-groups`; then
    ///   groups and commands, each as a whole, as `commands.backup`.
    public func keysThatDiffer(from other: Configuration) -> [String] {
        Self.keys.filter { $0.render(self) != $0.render(other) }.map(\.name)
            + AccessSettings.keys.filter { $0.render(access) != $0.render(other.access) }.map { "access.\($0.name)" }
            + Self.namesThatDiffer(groups, other.groups, under: "groups")
            + Self.namesThatDiffer(commands, other.commands, under: "commands")
    }

    /// This, as far as it can be put in force in a daemon that runs with another one.
    ///
    /// - Parameter running: What the daemon runs with.
    /// - Returns: This, with what needs a restart (``ConfigurationKey/needsRestart``) as it is in `running`.
    public func withoutRestart(of running: Configuration) -> Configuration {
        var possible = self
        for key in Self.keys where key.needsRestart { key.copy(running, &possible) }
        return possible
    }

    private static func namesThatDiffer<Settings: Equatable>(
        _ ours: [String: Settings], _ theirs: [String: Settings], under name: String
    ) -> [String] {
        Set(ours.keys).union(theirs.keys).sorted().filter { ours[$0] != theirs[$0] }
            .map { "\(name).\(TOMLText.key($0))" }
    }
}
