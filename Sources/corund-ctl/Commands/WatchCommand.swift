import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct WatchCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print what happens to a job until it has ended, and exit as it did.",
        discussion: """
            Prints a line for each change of state, progress, message and line of output, with its time in UTC. Ctrl-C \
            ends the watching (exit status 130) and leaves the job alone.

            Example:
              corund-ctl watch 17
            """)

    @Argument(help: "The job's id.")
    var id: String
    @Option(help: ArgumentHelp("Begin with the event of this number, from 1.", valueName: "number"))
    var from: Int?
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        let report = EventReport(session.style)
        var state: JobState?
        for try await reply in try await session.stream(.jobs("Watch"), WatchParameters(id: id, from: from)) {
            let event = try reply.decode(EventResult.self).event
            state = event.state ?? state
            try session.show(reply, as: EventResult.self) { report.lines($0.event) }
        }
        if let status = state.flatMap(ExitStatus.init) { return status }
        // The events began after the one that says how the job ended.
        let job = try await session.ask(.jobs("Get"), IDParameters(id: id)).decode(JobResult.self).job
        return ExitStatus(job.state) ?? .protocolError
    }
}
