import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

/// How a detached job is to be run.
struct SubmissionOptions: ParsableArguments, Sendable {
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
        help: ArgumentHelp(
            "Start no sooner than at this time, such as 2026-11-21T03:40:00Z, or 03:40 for the next time that the "
                + "clock here shows that.", valueName: "time"),
        transform: StartTime.argument)
    var notBefore: StartTime?
    @Option(
        help: ArgumentHelp("Start when this job has succeeded; may be given again.", valueName: "id"),
        completion: .liveJobs)
    var after: [String] = []
    @Option(help: .timeout, transform: TimeSpan.argument)
    var timeout: Duration?
    @Option(help: ArgumentHelp("How often the job may be tried; 0: without limit.", valueName: "number"))
    var maxAttempts: Int?
    @Option(
        help: ArgumentHelp("A label to find the job by; may be given again.", valueName: "name=value"),
        transform: Self.label)
    var label: [Label] = []

    struct Label: Sendable {
        let name: String
        let value: String
    }

    func validate() throws {
        if delay != nil, notBefore != nil { throw ValidationError("--delay and --not-before exclude one another") }
        if let maxAttempts, maxAttempts < 0 { throw ValidationError("--max-attempts is at least 0") }
        if let priority, !(-100...100).contains(priority) { throw ValidationError("--priority is -100 to 100") }
    }

    /// Whether none is given.
    var isEmpty: Bool { submission(of: "", nil) == Submission(job: "") }

    func submission(of job: String, _ arguments: RawJSON?) -> Submission {
        var submission = Submission(job: job, arguments: arguments)
        submission.key = key
        submission.context = context
        submission.group = group
        submission.priority = priority
        submission.delayMilliseconds = delay?.wholeMilliseconds
        submission.notBefore = notBefore?.timestamp(after: .now)
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
