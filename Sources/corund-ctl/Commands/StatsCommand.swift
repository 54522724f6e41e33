import ArgumentParser
import CorundAPI
import CorundCommandLine
import CorundLoop
import Varlink

struct StatsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print what the daemon has done and does.",
        discussion: """
            With --watch, again and again until Ctrl-C, over restarts of the daemon: in place on a terminal, else one \
            block below the other.

            Examples:
              corund-ctl stats
              corund-ctl stats --watch
              corund-ctl stats --json | jq .jobs
            """)

    @Flag(help: "Go on until Ctrl-C.")
    var watch = false
    @Option(
        help: ArgumentHelp("How long to wait in between (default: 2s).", valueName: "span"),
        transform: TimeSpan.argument)
    var interval = Duration.seconds(2)
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if interval < .milliseconds(100) { throw ValidationError("--interval is at least 100ms") }
    }

    func perform(in session: Session) async throws -> ExitStatus {
        let link = try await session.reconnecting(watch)
        var screen = Screen(isInPlace: watch && !session.isJSON && session.output.isTerminal)
        let report = ServiceReport(session.style)
        while true {
            let reply = try await link.persist { try await $0.call(Method.service("Statistics").name) }
            try session.show(reply, as: Statistics.self) { screen.lines(report.lines($0)) }
            guard watch else { return .success }
            try await session.loop.sleep(for: interval)
        }
    }
}
