import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct WatchCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print what happens to a job; exit as it did.",
        discussion: """
            Prints a line for each change of state, progress, message and line of output, with its time in UTC. When \
            the daemon goes, this waits for it to come back and goes on with the next event. Ctrl-C ends the watching \
            (exit status 130) and leaves the job alone.

            Examples:
              corund-ctl watch 17
              corund-ctl watch --output 17 >build.log 2>build.err
            """)

    @Argument(help: "The job's id.", completion: .jobs)
    var id: String
    @Option(help: ArgumentHelp("Begin with the event of this number, from 1.", valueName: "number"))
    var from: Int?
    @Flag(help: "Pass on what the job's program writes, byte for byte, and print nothing else.")
    var output = false
    @OptionGroup var waiting: WaitingOptions
    @OptionGroup var connection: ConnectionOptions

    var patience: Duration? { waiting.timeout }

    func impatience() -> any Error {
        StillWaitingError("job \(id.printable) has not ended", within: waiting.timeout ?? .zero)
    }

    func validate() throws {
        if let from, from < 1 { throw ValidationError("--from is at least 1") }
        if output, connection.json { throw ValidationError("--output and --json exclude one another") }
    }

    func perform(in session: Session) async throws -> ExitStatus {
        try session.endWithReader()
        let report = EventReport(session.style)
        let link = try await session.reconnecting(!waiting.noReconnect)
        return try await link.follow(id, from: from, in: session) { event, reply in
            if output {
                if let output = event.output { try session.pass(output) }
            } else {
                try session.show(reply, as: EventResult.self) { report.lines($0.event) }
            }
        }.status
    }
}
