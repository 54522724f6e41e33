import ArgumentParser
import CorundAPI
import CorundCommandLine

struct ContextsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "contexts",
        abstract: "List the contexts that jobs share.",
        discussion: """
            With the variables in them that are declared visible.

            Example:
              corund-ctl contexts
            """)

    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let report = ServiceReport(session.style)
        let reply = try await session.ask(.service("Contexts"))
        try session.show(reply, as: ContextsResult.self) { report.lines($0.contexts) }
        return .success
    }
}
