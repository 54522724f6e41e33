import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct DrainCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Have the daemon end what runs, and exit.",
        discussion: """
            Nothing more is admitted. Prints how many jobs are left, as the number falls. Jobs that have not ended \
            within --timeout (else: what the daemon is configured to) are interrupted.

            Example:
              corund-ctl drain --timeout 30s
            """)

    @Option(
        help: ArgumentHelp("How long jobs that run have to end, such as 30s.", valueName: "span"),
        transform: TimeSpan.argument)
    var timeout: Duration?
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let parameters = DrainParameters(timeout_ms: timeout?.wholeMilliseconds)
        for try await reply in try await session.stream(.service("Drain"), parameters) {
            try session.show(reply, as: DrainResult.self) { ["\($0.running)"] }
        }
        return .success
    }
}
