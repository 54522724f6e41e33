import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct CancelCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel jobs, and print what has become of them.",
        discussion: """
            One after the other: the daemon answers when the job has ended. When it has not within the grace, it is \
            reported stuck, and the exit status is 1. That of several jobs is that of the first for which it did not \
            work.

            Example:
              corund-ctl cancel 17 --reason 'wrong customer' --grace 10s
            """)

    @Argument(help: "The jobs' ids.", completion: .liveJobs)
    var id: [String]
    @Option(help: ArgumentHelp("Why, for those who wait for the jobs.", valueName: "text"))
    var reason: String?
    @Option(
        help: ArgumentHelp("How long each job has to end, such as 5s.", valueName: "span"),
        transform: TimeSpan.argument)
    var grace: Duration?
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        var status = ExitStatus.success
        for id in id {
            let outcome = try await cancel(id, in: session)
            if status == .success { status = outcome }
        }
        return status
    }

    /// A job that is not there does not keep the others from being cancelled.
    private func cancel(_ id: String, in session: Session) async throws -> ExitStatus {
        let parameters = CancelParameters(id: id, reason: reason, grace_ms: grace?.wholeMilliseconds)
        let reply: RawJSON
        do { reply = try await session.ask(.jobs("Cancel"), parameters) } catch let error as JobsError {
            explain(error)
            return ExitStatus(error)
        }
        let result = try reply.decode(CancelResult.self)
        try session.show(reply, as: CancelResult.self) { result in
            let state = session.style.paint(result.state.rawValue, result.state.colour)
            let rest = result.stuck ? ", stuck: it did not end within the grace and keeps its place until it does" : ""
            return ["\(id.printable) \(state)\(rest)"]
        }
        return result.stuck ? .failure : .success
    }
}
