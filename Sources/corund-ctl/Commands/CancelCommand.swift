import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct CancelCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel a job, and print what has become of it.",
        discussion: """
            The daemon answers when the job has ended. When it has not within the grace, it is reported stuck, and the \
            exit status is 1.

            Example:
              corund-ctl cancel 17 --reason 'wrong customer' --grace 10s
            """)

    @Argument(help: "The job's id.", completion: .liveJobs)
    var id: String
    @Option(help: ArgumentHelp("Why, for those who wait for the job.", valueName: "text"))
    var reason: String?
    @Option(
        help: ArgumentHelp("How long the job has to end, such as 5s.", valueName: "span"),
        transform: TimeSpan.argument)
    var grace: Duration?
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let parameters = CancelParameters(id: id, reason: reason, grace_ms: grace?.wholeMilliseconds)
        let reply = try await session.ask(.jobs("Cancel"), parameters)
        let result = try reply.decode(CancelResult.self)
        try session.show(reply, as: CancelResult.self) { result in
            let state = session.style.paint(result.state.rawValue, result.state.colour)
            let rest = result.stuck ? ", stuck: it did not end within the grace and keeps its place until it does" : ""
            return ["\(id.printable) \(state)\(rest)"]
        }
        return result.stuck ? .failure : .success
    }
}
