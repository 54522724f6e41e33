import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct ResumeCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Have a paused group, or all, start jobs again.",
        discussion: """
            Examples:
              corund-ctl resume
              corund-ctl resume builds
            """)

    @Argument(help: "The group; absent: all of them.")
    var group: String?
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.service("Resume"), GroupParameters(group: group))
        try session.show(reply, as: NoParameters.self) { _ in ["resumed \(group?.printable ?? "all groups")"] }
        return .success
    }
}
