import ArgumentParser
import CorundAPI
import CorundCommandLine

struct ContextsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "contexts",
        abstract: "List the contexts that jobs share, with the variables that are declared visible.",
        discussion: """
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
