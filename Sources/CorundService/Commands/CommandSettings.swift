public import CorundAPI

/// A program that the administrator lets be run as a job, under the name of its table: `[commands.NAME]`.
public struct CommandSettings: Sendable, Equatable {
    /// `argv`: the program, by its absolute path, and what it is given.
    ///
    /// `{name}` stands for the argument of that name, `{{` and `}}` for braces. No shell ever sees it: an argument never
    /// becomes more than a part of one element.
    public var argv: [String] = []

    /// `summary`: one line for people.
    public var summary = ""

    /// `arguments`: what a submission gives, by name.
    public var arguments: [String: CommandArgument] = [:]

    /// `environment`: all of the program's environment; nil for ``defaultEnvironment``.
    public var environment: [String: String]?

    /// `directory`: where the program finds itself.
    public var directory = "/"

    /// `stdin`: the name of the argument that the program reads from standard input; nil: it reads nothing.
    public var stdin: String?

    /// `group`: the group that the jobs belong to; nil: one of the command's name.
    public var group: String?

    /// `timeout`: running time allowed; nil: without limit.
    public var timeout: Duration?

    /// `max-attempts`: attempts that a job has; 0: without limit.
    public var maxAttempts = 1

    /// `crash-policy`: what becomes of a job that the daemon's death or end has interrupted.
    public var crashPolicy = CrashPolicy.rerun

    /// `success-statuses`: the exit statuses that mean success.
    public var successStatuses = [0]

    /// `kill-grace`: how long the program has between SIGTERM and SIGKILL.
    ///
    /// The default leaves it time to be killed before `cancel-grace` calls the job stuck.
    public var killGrace = Duration.seconds(4)

    /// `output-limit`: how many bytes of each of its two streams the result keeps; nil: as many as of any command.
    public var outputLimit: Int?

    /// `journal-output`: whether what it writes goes to the log, an entry for each line.
    public var journalOutput = true

    /// What a program gets whose environment nobody has configured.
    public static let defaultEnvironment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]

    /// A command that nothing is known of; it needs an `argv`.
    public init() {}
}

extension CommandSettings: ConfigurationTable {
    /// What may stand in `[commands.NAME]`.
    public static let keys: [ConfigurationKey<CommandSettings>] = [
        .required("argv", \.argv, .list(of: .text("a string"), called: "strings"), "The program and its arguments."),
        .required("summary", \.summary, .text("a string"), "One line for people."),
        .names(
            "arguments", \.arguments, "a type for each argument, as { target = \"path\" }", .argument,
            "What a submission gives.",
            parse: { CommandArgument.read($0, into: &$1) },
            render: { TOMLText.table($0.arguments, \.rendered) }),
        .names(
            "environment", \.configuredEnvironment, "a string for each variable, as { TZ = \"UTC\" }", .variable,
            "All of the program's environment.",
            parse: { toml, text in ConfigurationValue.text("a string").read(toml) { text = $0 } },
            render: { $0.environment.map { TOMLText.table($0, TOMLText.string) } }),
        .required("directory", \.directory, .path(limit: 4095), "Where the program finds itself."),
        .optional("stdin", \.stdin, .text("an argument's name"), "The argument that it reads from standard input."),
        .optional(
            "group", \.group, .text("a name of 1 to 1024 bytes", where: NameRule.group.allows),
            "The group that its jobs belong to."),
        .optional(
            "timeout", \.timeout, .duration(from: .milliseconds(1), upTo: .seconds(3650 * 86_400)),
            "Running time allowed."),
        .required("max-attempts", \.maxAttempts, .integer(0...1_000_000), "Attempts that a job has; 0: no limit."),
        .required("crash-policy", \.crashPolicy, .word, "What becomes of a job that the daemon's end interrupts."),
        .required(
            "success-statuses", \.successStatuses, .list(of: .integer(0...255), called: "integers from 0 to 255"),
            "The exit statuses that mean success."),
        .required(
            "kill-grace", \.killGrace, .duration(upTo: .seconds(86_400)),
            "How long it has between SIGTERM and SIGKILL."),
        .optional("output-limit", \.outputLimit, .outputLimit, "Bytes of each stream that are kept."),
        .required("journal-output", \.journalOutput, .boolean, "Whether what it writes goes to the journal."),
    ]

    /// What was configured of the environment; to set it is to say all of it.
    private var configuredEnvironment: [String: String] {
        get { environment ?? [:] }
        set { environment = newValue }
    }
}

extension NameRule {
    /// Of a kind of job, as people type it.
    static let command = NameRule(description: "1 to 64 letters, digits, . _ or -, and no kind of its own") { name in
        name.utf8.count <= 64 && !name.isEmpty && name.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: ".") }
            && !JobRegistry.reservedNames.contains(name)
    }

    /// Of a placeholder.
    static let argument = NameRule(description: "letters, digits, _ and -") { name in
        !name.isEmpty && name.utf8.allSatisfy(isWordByte)
    }

    /// Of an environment variable.
    static let variable = NameRule(description: "without = and NUL") { name in
        !name.isEmpty && !name.utf8.contains { $0 == UInt8(ascii: "=") || $0 == 0 }
    }

    @Sendable private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
