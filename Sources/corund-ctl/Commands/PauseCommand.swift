import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct PauseCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Have a group, or all, start no more jobs.",
        discussion: """
            What runs goes on; jobs are still taken, and wait. `corund-ctl stats` shows which groups are paused.

            Examples:
              corund-ctl pause
              corund-ctl pause builds
            """)

    @Argument(help: "The group; absent: all of them.")
    var group: String?
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.service("Pause"), GroupParameters(group: group))
        try session.show(reply, as: NoParameters.self) { _ in ["paused \(group?.printable ?? "all groups")"] }
        return .success
    }
}
