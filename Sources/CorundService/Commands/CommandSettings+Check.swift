extension CommandSettings {
    /// What is wrong with the command as a whole, when each of its keys is right.
    func check() -> [ConfigurationFinding] {
        checkProgram() + checkArguments() + checkPlaceholders() + checkInput()
    }

    private func checkProgram() -> [ConfigurationFinding] {
        guard let program = argv.first else { return [ConfigurationFinding(path: ["argv"], message: "missing")] }
        guard program.hasPrefix("/"), !program.contains(where: { "{}".contains($0) }) else {
            let message =
                "expected the absolute path of a program as its first element, found \(TOMLText.string(program))"
            return [ConfigurationFinding(path: ["argv"], message: message)]
        }
        return []
    }

    private func checkArguments() -> [ConfigurationFinding] {
        arguments.sorted { $0.key < $1.key }.flatMap { name, argument in
            argument.check().map { $0.below(["arguments", name]) }
        }
    }

    private func checkPlaceholders() -> [ConfigurationFinding] {
        var used = Set([stdin].compactMap(\.self))
        for element in argv.dropFirst() {
            do throws(ArgumentTemplate.ParseError) {
                let names = try ArgumentTemplate(parsing: element).names
                used.formUnion(names)
                if let unknown = names.first(where: { arguments[$0] == nil }) {
                    return [ConfigurationFinding(path: ["argv"], message: undeclared(unknown))]
                }
            } catch {
                return [ConfigurationFinding(path: ["argv"], message: error.message)]
            }
        }
        return arguments.keys.sorted().filter { !used.contains($0) }.map { name in
            let message = "is not used; write {\(name)} where it goes in argv, or remove it"
            return ConfigurationFinding(path: ["arguments", name], message: message)
        }
    }

    private func checkInput() -> [ConfigurationFinding] {
        guard let stdin else { return [] }
        guard let argument = arguments[stdin] else {
            return [ConfigurationFinding(path: ["stdin"], message: undeclared(stdin))]
        }
        guard argument.kind == .string else {
            return [ConfigurationFinding(path: ["stdin"], message: "the argument must be of the type \"string\"")]
        }
        return []
    }

    private func undeclared(_ name: String) -> String {
        let guess = Spelling.nearest(to: name, among: Array(arguments.keys)).map { "; did you mean \($0)?" }
        return "there is no argument \(name)" + (guess ?? "; declare it in arguments")
    }
}
