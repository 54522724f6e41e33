import ArgumentParser
import CorundAPI
import CorundCommandLine

struct PstreeCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "pstree",
        abstract: "Show the coroutines as a tree.",
        discussion: """
            Each coroutine stands below the one that made it.

            Example:
              corund-ctl pstree
            """)

    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let report = TaskReport(session.style, now: .now)
        try session.show(try await session.ask(.service("Tasks")), as: TasksResult.self) { report.tree($0.tasks) }
        return .success
    }
}
