import ArgumentParser
import CorundAPI
import CorundCommandLine

struct RetryCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Give jobs that did not succeed another attempt.",
        discussion: """
            Prints the jobs' ids. A job keeps its id, and waits for its turn again. The exit status is that of the \
            first job for which it did not work.

            Example:
              corund-ctl retry 17 && corund-ctl wait 17
            """)

    @Argument(help: "The jobs' ids.", completion: .endedJobs)
    var id: [String]
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        var status = ExitStatus.success
        for id in id {
            do {
                let reply = try await session.ask(.jobs("Retry"), IDParameters(id: id))
                try session.show(reply, as: RetryResult.self) { [$0.id] }
            } catch let error as JobsError {
                explain(error)
                if status == .success { status = ExitStatus(error) }
            }
        }
        return status
    }
}
