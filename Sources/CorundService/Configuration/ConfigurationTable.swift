import TOMLKit

/// Settings that stand in one table of the configuration, each under its key.
public protocol ConfigurationTable: Sendable, Equatable {
    /// Every key, in the order in which it is printed.
    static var keys: [ConfigurationKey<Self>] { get }

    /// The keys of the tables that may stand in this one.
    static var tables: [ConfigurationKey<Self>] { get }

    /// The defaults.
    init()
}

extension ConfigurationTable {
    /// No tables.
    public static var tables: [ConfigurationKey<Self>] { [] }

    /// Sets what a table sets, and gives all that is wrong with it.
    mutating func apply(_ table: TOMLTable) -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        for (name, value) in table {
            if let key = (Self.keys + Self.tables).first(where: { $0.name == name }) {
                findings += key.read(value, &self).map { $0.below([name]) }
            } else {
                let message = Self.unknown(name, isTable: value.type == .table)
                findings.append(ConfigurationFinding(path: [name], message: message))
            }
        }
        return findings
    }

    /// What is said of a key that there is not.
    private static func unknown(_ name: String, isTable: Bool) -> String {
        let kind = isTable ? "table" : "key"
        guard let guess = Spelling.nearest(to: name, among: (keys + tables).map(\.name)) else {
            return "unknown \(kind); remove it, or see --print-config for the keys that there are"
        }
        return "unknown \(kind); did you mean \(guess)?"
    }

    /// Every key with its value, as TOML, each line ended; those without a value as a comment.
    func renderKeys() -> String {
        Self.keys.map { key in
            key.render(self).map { "\(key.name) = \($0)\n" } ?? "# \(key.name) is not set\n"
        }.joined()
    }
}

/// One thing that is wrong with a table, before it is known where the table stands.
struct ConfigurationFinding: Equatable {
    /// The key, from the table on; empty for the table itself.
    var path: [String] = []
    let message: String

    /// The same, seen from further up.
    func below(_ outer: [String]) -> ConfigurationFinding {
        ConfigurationFinding(path: outer + path, message: message)
    }
}
