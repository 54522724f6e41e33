import TOMLKit

extension CommandArgument: ConfigurationTable {
    /// What may stand in the table of an argument.
    public static let keys: [ConfigurationKey<CommandArgument>] = [
        .required("type", \.kind, .word, "The type."),
        .optional("minimum", \.minimum, .argument, "The smallest value."),
        .optional("maximum", \.maximum, .argument, "The largest value."),
        .optional("one-of", \.choices, .list(of: .argument, called: "values of the type"), "All that is allowed."),
        .optional("default", \.defaultValue, .argument, "What the program gets when a submission says nothing."),
    ]

    /// Reads a type, or a table with more; it takes the place of what was there.
    static func read(_ toml: any TOMLValueConvertible, into argument: inout CommandArgument?) -> [ConfigurationFinding]
    {
        guard let table = toml.table else {
            return ConfigurationValue<Kind>.word.read(toml) { argument = CommandArgument($0) }
        }
        var read = CommandArgument()
        defer { argument = read }
        let missing = ConfigurationFinding(path: ["type"], message: "missing")
        return read.apply(table) + (table.contains(key: "type") ? [] : [missing])
    }

    /// As it is written in the configuration, as shortly as can be.
    var rendered: String {
        guard self != CommandArgument(kind) else { return TOMLText.string(kind.rawValue) }
        let members = Self.keys.compactMap { key in key.render(self).map { "\(key.name) = \($0)" } }
        return "{ \(members.joined(separator: ", ")) }"
    }

    /// What is wrong with it as a whole.
    func check() -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        for (key, bound) in [("minimum", minimum), ("maximum", maximum)] {
            guard let bound, let problem = boundProblem(bound) else { continue }
            findings.append(ConfigurationFinding(path: [key], message: problem))
        }
        guard findings.isEmpty else { return findings }
        if let minimum, let maximum, maximum < minimum {
            return [ConfigurationFinding(path: ["maximum"], message: "is less than minimum")]
        }
        for (key, values) in [("one-of", choices ?? []), ("default", defaultValue.map { [$0] } ?? [])] {
            guard let problem = values.lazy.compactMap(problem).first else { continue }
            findings.append(ConfigurationFinding(path: [key], message: problem))
        }
        return findings
    }

    private func boundProblem(_ bound: CommandValue) -> String? {
        switch (kind, bound) {
        case (.integer, .integer), (.number, .integer), (.number, .number): nil
        case (.integer, _): "expected an integer, found \(bound.phrase)"
        case (.number, _): "expected a number, found \(bound.phrase)"
        case (.string, _), (.boolean, _), (.path, _): "only integers and numbers have a smallest and a largest"
        }
    }
}

extension ConfigurationValue<CommandValue> {
    static let argument = Self(
        expectation: "a string, a number, true or false",
        parse: { toml in
            if let text = toml.string { return .success(.text(text)) }
            if let number = toml.int { return .success(.integer(number)) }
            if let flag = toml.bool { return .success(.boolean(flag)) }
            if let number = toml.double, number.isFinite { return .success(.number(number)) }
            return .failure(Mismatch(wrongType: toml))
        },
        render: { value in
            if case .text(let text) = value { TOMLText.string(text) } else { value.spelled }
        })
}
