import ArgumentParser
import CorundAPI
import CorundCommandLine

struct MetricsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print the daemon's metrics, for Prometheus.",
        discussion: """
            With --output the file is there as a whole or not at all, as node_exporter's textfile collector needs it.

            Examples:
              corund-ctl metrics
              corund-ctl metrics --output /var/lib/node_exporter/corund.prom
            """)

    @Option(
        help: ArgumentHelp("Write to this file instead, replacing it in one step.", valueName: "file"),
        completion: .file())
    var output: String?
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.service("Metrics"))
        let text = session.isJSON ? reply.onOneLine + "\n" : try reply.decode(MetricsResult.self).text
        if let output { try AtomicFile.write(text, to: output) } else { try session.output.write(Array(text.utf8)) }
        return .success
    }
}
