import ArgumentParser
import CorundAPI
import CorundCommandLine

struct GetCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print all there is to know of a job.",
        discussion: """
            The exit status says whether there is such a job, not how it ended.

            Examples:
              corund-ctl get 17
              corund-ctl get --json 17 | jq .job.result
            """)

    @Argument(help: "The job's id.", completion: .jobs)
    var id: String
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.jobs("Get"), IDParameters(id: id))
        let report = JobReport(session.style, now: .now)
        try session.show(reply, as: JobResult.self) { report.details($0.job) }
        return .success
    }
}
