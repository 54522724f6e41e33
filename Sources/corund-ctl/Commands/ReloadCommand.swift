import ArgumentParser
import CorundAPI
import CorundCommandLine

struct ReloadCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the daemon read its configuration again.",
        discussion: """
            Prints the keys that have changed; those that need a restart say so. When something is wrong with the \
            configuration, the old one stays in force; the exit status is 1, and file and line are named.

            Example:
              corund-ctl reload
            """)

    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.service("Reload"))
        try session.show(reply, as: ReloadResult.self) { result in
            result.changed.map(\.printable)
                + (result.needsRestart ?? []).map { "\($0.printable) (counts after a restart)" }
        }
        return .success
    }
}
