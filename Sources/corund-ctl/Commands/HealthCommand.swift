import ArgumentParser
import CorundAPI
import CorundCommandLine
import CorundLoop
import Varlink

struct HealthCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Probe the daemon: does its loop turn, and does it admit work?",
        discussion: """
            Exit status: 0 when it does; 1 when the daemon answers that it does not; 69 when it cannot be reached or \
            does not answer in time, as when its loop is wedged.

            Examples:
              corund-ctl health
              corund-ctl health --ready --quiet --timeout 500ms || alert
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

    @Flag(exclusivity: .exclusive)
    var question = Question.live
    @Flag(help: "Print nothing at all; the exit status says it.")
    var quiet = false
    @Option(
        help: ArgumentHelp("How long the daemon has to answer (default: 1s).", valueName: "span"),
        transform: TimeSpan.argument)
    var timeout = Duration.seconds(1)
    @OptionGroup var connection: ConnectionOptions

    var isQuiet: Bool { quiet }

    func perform(in session: Session) async throws -> ExitStatus {
        let reply = try await answer(from: try session.socketPath)
        let health = try reply.decode(Health.self)
        let report = ServiceReport(session.style)
        try session.show(reply, as: Health.self) { [report.line($0)] }
        return question.isAnsweredWell(health) ? .success : .failure
    }

    /// A task of its own, so that it can be given up wherever it is: the queue of the socket may be full, or the daemon
    /// may have taken the connection and be wedged.
    private func answer(from path: String) async throws -> RawJSON {
        guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
        let probe = try loop.spawn(name: "probe") {
            let client = try await Client.connect(to: path)
            defer { client.close() }
            return try await client.call(Method.service("Health").name)
        }
        let limit = try loop.callLater(timeout) { probe.cancel() }
        defer { limit.cancel() }
        do { return try await probe.value } catch is CancellationError {
            throw NoAnswerError(path: path, limit: timeout)
        }
    }
}
