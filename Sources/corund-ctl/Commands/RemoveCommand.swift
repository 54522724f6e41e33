import ArgumentParser
import CorundAPI
import CorundCommandLine

struct RemoveCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Have the daemon forget jobs that have ended.",
        discussion: """
            Prints how many it has forgotten. The exit status is 66 when some of them were not there.

            Examples:
              corund-ctl remove 17 18
              corund-ctl remove $(corund-ctl list --state failed | awk 'NR>1 {print $1}')
            """)

    @Argument(help: "The jobs' ids.", completion: .endedJobs)
    var id: [String]
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.jobs("Remove"), RemoveParameters(ids: id))
        try session.show(reply, as: RemoveResult.self) { ["\($0.removed) removed"] }
        let missing = Set(id).count - (try reply.decode(RemoveResult.self).removed)
        guard missing > 0 else { return .success }
        session.tell("\(missing) of the jobs were not there")
        return .notFound
    }
}
