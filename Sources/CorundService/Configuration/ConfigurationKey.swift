import TOMLKit

/// One key of a table of the configuration: all that parsing, printing and documentation know of it.
public struct ConfigurationKey<Settings>: Sendable {
    /// The key as it is written in a file, as `queue-length`.
    public let name: String

    /// What it decides, in one sentence.
    public let summary: String

    /// The values it takes, as `an integer from 1 to 65536`.
    public let expectation: String

    /// Sets the key in the settings; the result says what is wrong.
    let read: @Sendable (any TOMLValueConvertible, inout Settings) -> [ConfigurationFinding]

    /// The key's value in TOML, or `nil` when it has none.
    let render: @Sendable (Settings) -> String?

    /// Gives the key the value that it has in the first settings.
    let copy: @Sendable (Settings, inout Settings) -> Void

    /// Whether a change counts from the daemon's next start on, and not from a reload on.
    public private(set) var needsRestart = false

    /// The same key, for what cannot change while the daemon runs.
    var fixed: ConfigurationKey {
        var key = self
        key.needsRestart = true
        return key
    }
}

extension ConfigurationKey where Settings: ConfigurationTable {
    /// The value that the key has when it is not set, in TOML; `nil` when it has none.
    public var defaultValue: String? { render(Settings()) }
}

extension ConfigurationKey {
    typealias Member<Value> = any WritableKeyPath<Settings, Value> & Sendable

    /// A key that always has a value.
    static func required<Value>(
        _ name: String, _ member: Member<Value>, _ value: ConfigurationValue<Value>, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, summary: summary, expectation: value.expectation,
            read: { toml, settings in value.read(toml) { settings[keyPath: member] = $0 } },
            render: { value.render($0[keyPath: member]) }, copy: { $1[keyPath: member] = $0[keyPath: member] })
    }

    /// A key that may have no value.
    static func optional<Value>(
        _ name: String, _ member: Member<Value?>, _ value: ConfigurationValue<Value>, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, summary: summary, expectation: value.expectation,
            read: { toml, settings in value.read(toml) { settings[keyPath: member] = $0 } },
            render: { $0[keyPath: member].map(value.render) },
            copy: { $1[keyPath: member] = $0[keyPath: member] })
    }

    /// The key of a table whose own keys are names that the administrator gives; those that were there before stay.
    ///
    /// `rule` says what may be a name; `parse` reads what stands at one into what stood there before, if anything did;
    /// `render` gives the table in TOML, or nil when it has no value.
    static func names<Value>(
        _ name: String, _ member: Member<[String: Value]>, _ expectation: String, _ rule: NameRule, _ summary: String,
        parse: @escaping @Sendable (any TOMLValueConvertible, inout Value?) -> [ConfigurationFinding],
        render: @escaping @Sendable (Settings) -> String?
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name, summary: summary, expectation: expectation,
            read: { toml, settings in
                guard let table = toml.table else {
                    return [ConfigurationFinding(expected: expectation, found: Mismatch(wrongType: toml).found)]
                }
                var values = settings[keyPath: member]
                let findings = table.flatMap { name, value in
                    let findings = rule.allows(name) ? parse(value, &values[name]) : [rule.finding]
                    return findings.map { $0.below([name]) }
                }
                settings[keyPath: member] = values
                return findings
            },
            render: render, copy: { $1[keyPath: member] = $0[keyPath: member] })
    }

    /// The key of a table, which is printed as such.
    static func table<Value: ConfigurationTable>(
        _ name: String, _ member: Member<Value>, _ summary: String
    ) -> ConfigurationKey {
        let expectation = "a table, as [\(name)]"
        return ConfigurationKey(
            name: name, summary: summary, expectation: expectation,
            read: { toml, settings in
                guard let table = toml.table else {
                    return [ConfigurationFinding(expected: expectation, found: Mismatch(wrongType: toml).found)]
                }
                return settings[keyPath: member].apply(table)
            },
            render: { _ in nil }, copy: { $1[keyPath: member] = $0[keyPath: member] })
    }

    /// The key of a table of tables, which are printed as such.
    static func tables<Value: ConfigurationTable>(
        _ name: String, _ member: Member<[String: Value]>, _ rule: NameRule, _ summary: String
    ) -> ConfigurationKey {
        .names(
            name, member, "a table for each name, as [\(name).NAME]", rule, summary,
            parse: { toml, settings in
                guard let table = toml.table else {
                    return [ConfigurationFinding(expected: "a table", found: Mismatch(wrongType: toml).found)]
                }
                var value = settings ?? Value()
                defer { settings = value }
                return value.apply(table)
            },
            render: { _ in nil })
    }
}

/// What the administrator may call something.
struct NameRule: Sendable {
    /// As a phrase: `1 to 64 letters`.
    let description: String
    let allows: @Sendable (String) -> Bool

    /// What is said of a name that may not be.
    var finding: ConfigurationFinding {
        ConfigurationFinding(message: "not a possible name; it must be \(description)")
    }
}
