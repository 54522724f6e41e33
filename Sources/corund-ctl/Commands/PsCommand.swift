import ArgumentParser
import CorundAPI
import CorundCommandLine

struct PsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List the coroutines on the daemon's loop.",
        discussion: """
            LOOP is for how long a coroutine has held the loop; one that holds it for long keeps all others waiting.

            Example:
              corund-ctl ps
            """)

    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let report = TaskReport(session.style, now: .now)
        try session.show(try await session.ask(.service("Tasks")), as: TasksResult.self) {
            report.list($0.tasks, terminalWidth: session.output.terminalWidth)
        }
        return .success
    }
}
