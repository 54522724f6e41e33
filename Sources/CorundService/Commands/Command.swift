import CorundLoop
import Varlink

/// A configured command as a kind of job: what its arguments may be, and the program that they make.
///
/// Pure.
struct Command: Sendable {
    let name: String
    let settings: CommandSettings
    /// The elements after the program.
    private let templates: [ArgumentTemplate]

    /// - Throws: ``ConfigurationError`` for settings that no configuration file could have.
    init(name: String, _ settings: CommandSettings) throws(ConfigurationError) {
        self.name = name
        self.settings = settings
        var findings = settings.check()
        if !NameRule.command.allows(name) { findings.append(NameRule.command.finding) }
        templates = settings.argv.dropFirst().compactMap { try? ArgumentTemplate(parsing: $0) }
        guard findings.isEmpty else {
            throw ConfigurationError(
                problems: findings.map { finding in
                    let path = ["commands", name] + finding.path
                    return .init(file: "configuration", key: path.joined(separator: "."), message: finding.message)
                })
        }
    }

    /// The program that the arguments of a submission make.
    ///
    /// - Throws: ``ArgumentProblem``.
    func program(for arguments: RawJSON) throws(ArgumentProblem) -> Program {
        let values = try read(arguments)
        return Program(
            path: settings.argv[0], arguments: [settings.argv[0]] + (try fill(values)),
            environment: settings.environment ?? CommandSettings.defaultEnvironment, directory: settings.directory,
            input: settings.stdin.map { Array(values[$0, default: ""].utf8) })
    }

    /// Each declared argument as the program gets it.
    private func read(_ arguments: RawJSON) throws(ArgumentProblem) -> [String: String] {
        let given = try ArgumentProblem.members(of: arguments, known: Array(settings.arguments.keys))
        var values: [String: String] = [:]
        for (name, argument) in settings.arguments.sorted(by: { $0.key < $1.key }) {
            if let json = given[name] {
                do throws(CommandArgument.Refusal) { values[name] = try argument.read(json) } catch {
                    throw ArgumentProblem(path: name, message: error.message)
                }
            } else if let value = argument.defaultValue {
                values[name] = value.spelled
            } else {
                throw ArgumentProblem(path: name, message: "missing")
            }
        }
        return values
    }

    private func fill(_ values: [String: String]) throws(ArgumentProblem) -> [String] {
        var elements: [String] = []
        var optionsAreOver = false
        for template in templates {
            let element = template.fill(values)
            if let name = template.names.first(where: { values[$0]?.utf8.contains(0) == true }) {
                throw ArgumentProblem(path: name, message: "must not have a NUL in it")
            }
            if !optionsAreOver { try checkNoOption(element, template, values) }
            optionsAreOver = optionsAreOver || template.pieces == [.text("--")]
            elements.append(element)
        }
        return elements
    }

    /// A submitter is not to give the program an option where the administrator has left room for an operand.
    private func checkNoOption(
        _ element: String, _ template: ArgumentTemplate, _ values: [String: String]
    ) throws(ArgumentProblem) {
        guard let name = template.leadingName, element.utf8.first == UInt8(ascii: "-") else { return }
        if let value = values[name], settings.arguments[name]?.allowsMinus(of: value) == true { return }
        throw ArgumentProblem(path: name, message: "must not begin with -, or the program would take it for an option")
    }
}
