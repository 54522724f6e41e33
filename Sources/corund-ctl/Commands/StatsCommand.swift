import ArgumentParser
import CorundAPI
import CorundCommandLine

struct StatsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print what the daemon has done and does.",
        discussion: """
            Examples:
              corund-ctl stats
              corund-ctl stats --json | jq .jobs
            """)

    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let report = ServiceReport(session.style)
        try session.show(try await session.ask(.service("Statistics")), as: Statistics.self) { report.lines($0) }
        return .success
    }
}
