import Varlink

extension JobRegistry {
    /// The kinds of the stock daemon: ``builtIn``, `exec`, and one for each command of the configuration.
    ///
    /// `exec` runs any program, for submitters of the daemon's own user alone.
    ///
    /// - Parameters:
    ///   - configuration: its commands.
    ///   - environment: the process's, in which the programs of `exec` run.
    /// - Returns: the registry.
    /// - Throws: ``ConfigurationError`` for a command that no configuration file could have.
    public static func stock(
        _ configuration: Configuration, environment: [String: String]
    ) throws(ConfigurationError) -> JobRegistry {
        var registry = builtIn
        registry.addExec(environment, outputLimit: configuration.outputLimit)
        for (name, settings) in configuration.commands {
            registry.add(try Command(name: name, settings), outputLimit: configuration.outputLimit)
        }
        return registry
    }

    /// Names that no command may have.
    static let reservedNames = Set(builtIn.kinds.keys).union([execName])

    private static let execName = "exec"

    private mutating func addExec(_ environment: [String: String], outputLimit: Int) {
        var options = KindOptions(summary: "Runs a program; for the daemon's own user alone")
        options.isForOwnUserAlone = true
        options.runsProgram = true
        // Nobody has said that the program may be begun twice.
        options.crashPolicy = .fail
        options.argumentsSchema = ExecArguments.schema
        add(Self.execName, options, check: { _ = try ExecArguments($0) }) { arguments, job in
            let program = try ExecArguments(arguments).program(inherited: environment)
            // What it writes is not logged: its submitter has it, and nobody else has asked for it.
            return try await ProgramJob(program: program, outputLimit: outputLimit).run(job)
        }
    }

    private mutating func add(_ command: Command, outputLimit: Int) {
        let settings = command.settings
        var options = KindOptions(summary: settings.summary)
        options.argumentsSchema = command.argumentsSchema
        options.group = settings.group
        options.timeout = settings.timeout
        options.maxAttempts = settings.maxAttempts
        options.crashPolicy = settings.crashPolicy
        options.runsProgram = true
        add(command.name, options, check: { _ = try command.program(for: $0) }) { arguments, job in
            let work = ProgramJob(
                program: try command.program(for: arguments), killGrace: settings.killGrace,
                outputLimit: settings.outputLimit ?? outputLimit, successStatuses: settings.successStatuses,
                logsOutput: settings.journalOutput)
            return try await work.run(job)
        }
    }
}
