import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct SubmitCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Record a job to be run, and print its id.",
        discussion: """
            The daemon answers when the job is recorded; the job goes on without this command. With --key, a job that \
            has the key already is not submitted again: its id is printed.

            Examples:
              corund-ctl submit echo text=hello
              corund-ctl wait $(corund-ctl submit --key nightly --delay 10min report @report.json)
            """)

    @OptionGroup var job: JobWords
    @Option(help: ArgumentHelp("Submit only if no live or retained job has this key.", valueName: "text"))
    var key: String?
    @Option(help: .context)
    var context: String?
    @Option(help: ArgumentHelp("The concurrency group, instead of the kind's.", valueName: "name"))
    var group: String?
    @Option(
        parsing: .unconditional, help: ArgumentHelp("-100 to 100; the highest runs first.", valueName: "number"))
    var priority: Int?
    @Option(help: ArgumentHelp("Start no sooner than in this span.", valueName: "span"), transform: TimeSpan.argument)
    var delay: Duration?
    @Option(
        help: ArgumentHelp("Start no sooner than at this time, such as 2026-11-21T03:40:00Z.", valueName: "time"),
        transform: Timestamp.argument)
    var notBefore: Timestamp?
    @Option(help: ArgumentHelp("Start when this job has succeeded; may be given again.", valueName: "id"))
    var after: [String] = []
    @Option(help: .timeout, transform: TimeSpan.argument)
    var timeout: Duration?
    @Option(help: ArgumentHelp("How often the job may be tried.", valueName: "number"))
    var maxAttempts: Int?
    @Option(
        help: ArgumentHelp("A label to find the job by; may be given again.", valueName: "name=value"),
        transform: Self.label)
    var label: [Label] = []
    @OptionGroup var connection: ConnectionOptions

    struct Label: Sendable {
        let name: String
        let value: String
    }

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.jobs("Submit"), SubmitParameters(submission: submission()))
        try session.show(reply, as: SubmitResult.self) { [$0.id] }
        return .success
    }

    private func submission() throws -> Submission {
        var submission = Submission(job: job.job, arguments: try job.json())
        submission.key = key
        submission.context = context
        submission.group = group
        submission.priority = priority
        submission.delayMilliseconds = delay?.wholeMilliseconds
        submission.notBefore = notBefore
        submission.after = after.isEmpty ? nil : after
        submission.timeoutMilliseconds = timeout?.wholeMilliseconds
        submission.maxAttempts = maxAttempts
        submission.labels = label.isEmpty ? nil : Dictionary(label.map { ($0.name, $0.value) }) { _, last in last }
        return submission
    }

    @Sendable private static func label(_ text: String) throws -> Label {
        guard let (name, value) = NamedValue.split(text) else { throw ValidationError("write name=value") }
        return Label(name: name, value: value)
    }
}
