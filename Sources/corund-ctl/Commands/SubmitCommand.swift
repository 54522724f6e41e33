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

            A batch is a file with a submission in each line, a JSON object with the members that the interface \
            io.corund.Jobs gives a Submission. Its jobs are recorded by the thousand, all of them or none; their ids \
            are printed in the order of the lines. When a part cannot be recorded, nothing more is sent, and the last \
            words say which lines are in. A full queue or a daemon that is started anew is waited for, for a minute.

            Examples:
              corund-ctl submit echo text=hello
              corund-ctl submit --key nightly --delay 10min report @report.json
              corund-ctl submit --wait --not-before 03:40 report || alert
              echo '{"job": "echo", "key": "k"}' | corund-ctl submit --batch -
            """)

    @Argument(help: .kind, completion: .kinds)
    var job: String?
    @Argument(help: .jobArguments, completion: .file())
    var arguments: [String] = []
    @Option(
        help: ArgumentHelp("Submit the jobs in this file, one to a line; - is standard input.", valueName: "file"),
        completion: .file())
    var batch: String?
    @Flag(help: "Wait for the job's end, print how it ended, and exit as it did.")
    var wait = false
    @OptionGroup var options: SubmissionOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard batch != nil else {
            if job == nil { throw ValidationError("name the kind of job, or a --batch") }
            return
        }
        if job != nil || wait || !options.isEmpty {
            throw ValidationError("--batch stands alone: its lines say what the jobs are and how they are to be run")
        }
    }

    func perform(in session: Session) async throws -> ExitStatus {
        if let batch {
            try await session.submitBatch(batch)
            return .success
        }
        let submission = options.submission(of: job ?? "", try JobWords.read(arguments))
        let reply = try await session.ask(.jobs("Submit"), SubmitParameters(submission: submission))
        try session.show(reply, as: SubmitResult.self) { [$0.id] }
        guard wait else { return .success }
        return try await session.printOutcome(of: reply.decode(SubmitResult.self).id, session.reconnecting())
    }
}
