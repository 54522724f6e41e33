import ArgumentParser
import CorundAPI
import CorundCommandLine

struct DebugCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "debug",
        abstract: "Switch the loop's debug mode on or off.",
        discussion: """
            In debug mode the daemon reports what holds its loop for long.

            Example:
              corund-ctl debug on
            """)

    enum Switch: String, ExpressibleByArgument, CaseIterable {
        case on
        case off
    }

    @Argument(help: "on or off.")
    var mode: Switch
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.service("SetDebug"), EnabledValue(enabled: mode == .on))
        try session.show(reply, as: EnabledValue.self) { ["debug \($0.enabled ? Switch.on : .off)"] }
        return .success
    }
}
