import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct RunCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a job, print its result, and exit as it did.",
        discussion: """
            The result is printed as one line of JSON. The job is attached: it is not recorded, and it is cancelled \
            when this command ends first, by Ctrl-C (exit status 130) or otherwise, unless --keep is given.

            Examples:
              corund-ctl run echo text=hello count=3
              corund-ctl run --timeout 5s sleep '{"seconds": 2}'
            """)
    static let isAttached = true

    @OptionGroup var job: JobWords
    @Option(help: .context)
    var context: String?
    @Option(help: .timeout, transform: TimeSpan.argument)
    var timeout: Duration?
    @Flag(help: "Let the job go on when this command ends first.")
    var keep = false
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let parameters = RunParameters(
            job: job.job, arguments: try job.json(), context: context,
            timeout_ms: timeout?.wholeMilliseconds, keep: keep ? true : nil)
        // An attached job has no record to be watched: the time is all there is to show.
        let progress = JobProgress(job.job, in: session)
        defer { progress?.stop() }
        let reply = try await session.ask(.jobs("Run"), parameters)
        try session.show(reply, as: RunResult.self) { reply in
            reply.result.map { [session.line($0)] } ?? []
        }
        return .success
    }
}
