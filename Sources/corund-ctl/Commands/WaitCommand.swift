import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct WaitCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs have ended, print how, and exit as they did.",
        discussion: """
            Prints a line for each job, in the order given: its id, its state, and its result or what went wrong. The \
            exit status is that of the first job that did not succeed. Ctrl-C ends the waiting (exit status 130) and \
            leaves the jobs alone.

            Example:
              corund-ctl wait 17 18
            """)

    @Argument(help: "The jobs' ids.")
    var id: [String]
    @OptionGroup var connection: ConnectionOptions

    func perform(in session: Session) async throws -> ExitStatus {
        var status = ExitStatus.success
        for id in id {
            let outcome = try await wait(for: id, in: session)
            if status == .success { status = outcome }
        }
        return status
    }

    /// A job that is not there does not keep the others from being waited for.
    private func wait(for id: String, in session: Session) async throws -> ExitStatus {
        do {
            let reply = try await session.ask(.jobs("Wait"), IDParameters(id: id))
            let job = try reply.decode(JobResult.self).job
            let report = JobReport(session.style, now: .now)
            try session.show(reply, as: JobResult.self) { [report.outcome($0.job)] }
            return ExitStatus(job.state) ?? .protocolError
        } catch let error as JobsError {
            explain(error)
            return ExitStatus(error)
        }
    }
}
