import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct HealthCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Probe whether the daemon is well.",
        discussion: """
            It is live when its loop turns, and ready when it also admits work.

            Exit status: 0 when it is; 1 when the daemon answers that it is not; 69 when it cannot be reached or \
            does not answer in time, as when its loop is wedged.

            With --format nagios, a line and a status as Nagios and its kind want them: 0 OK; 1 WARNING, there is \
            something to look at, such as a stuck job, or (without --ready) the daemon admits no work; 2 CRITICAL, \
            the loop does not turn, the daemon cannot be reached, or (with --ready) it admits no work; 3 UNKNOWN.

            Examples:
              corund-ctl health
              corund-ctl health --ready --quiet --timeout 500ms || alert
              corund-ctl health --format nagios
            """)

    enum Question: EnumerableFlag {
        case live
        case ready

        static func help(for question: Question) -> ArgumentHelp? {
            switch question {
            case .live: "Succeed when the loop turns (the default)."
            case .ready: "Succeed when the daemon also admits work."
            }
        }

        func isAnsweredWell(_ health: Health) -> Bool {
            switch self {
            case .live: health.live
            case .ready: health.live && health.ready
            }
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case nagios
    }

    @Flag(exclusivity: .exclusive)
    var question = Question.live
    @Option(help: "How to say it, and what the exit status means.")
    var format = Format.text
    @Flag(help: "Print nothing at all; the exit status says it.")
    var quiet = false
    @Option(
        help: ArgumentHelp("How long the daemon has to answer (default: 1s).", valueName: "span"),
        transform: TimeSpan.argument)
    var timeout = Duration.seconds(1)
    @OptionGroup var connection: ConnectionOptions

    var isQuiet: Bool { quiet }
    var patience: Duration? { timeout }

    func validate() throws {
        if format == .nagios, connection.json { throw ValidationError("--json is a format of its own") }
    }

    func impatience() -> any Error {
        NoAnswerError(path: (try? connection.socketChoice.chosen) ?? "", limit: timeout)
    }

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await session.ask(.service("Health"))
        let health = try reply.decode(Health.self)
        if format == .nagios { return report(NagiosReport(health, mustBeReady: question == .ready)) }
        let report = ServiceReport(session.style)
        try session.show(reply, as: Health.self) { [report.line($0)] }
        return question.isAnsweredWell(health) ? .success : .failure
    }

    func settle(_ error: any Error) -> ExitStatus {
        if format == .nagios { return report(NagiosReport(error)) }
        if !quiet { explain(error) }
        return ExitStatus(error)
    }

    /// A monitor reads standard output, of errors as well.
    private func report(_ report: NagiosReport) -> ExitStatus {
        if !quiet { try? OutputFile.standardOutput.print([report.line]) }
        return ExitStatus(rawValue: report.level.rawValue)
    }
}
