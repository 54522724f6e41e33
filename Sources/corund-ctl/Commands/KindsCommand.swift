import ArgumentParser
import CorundAPI
import CorundCommandLine

struct KindsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "kinds",
        abstract: "List the kinds of job that the daemon runs.",
        discussion: """
            With --json the schema of their arguments is there, too.

            Examples:
              corund-ctl kinds
              corund-ctl kinds --json | jq '.kinds[].arguments_schema'
            """)

    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let report = ServiceReport(session.style)
        try session.show(try await session.ask(.jobs("Kinds")), as: KindsResult.self) { report.lines($0.kinds) }
        return .success
    }
}
