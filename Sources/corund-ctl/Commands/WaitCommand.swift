import ArgumentParser
import CorundAPI
import CorundCommandLine
import Varlink

struct WaitCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs have ended, and exit as they did.",
        discussion: """
            Prints a line for each job, in the order given: its id, its state, and its result or what went wrong. The \
            exit status is that of the first job that did not succeed; of a program that failed it is the program's. \
            When the daemon goes, this waits for it to come back. Ctrl-C ends the waiting (exit status 130) and leaves \
            the jobs alone.

            Examples:
              corund-ctl wait 17 18
              corund-ctl wait --timeout 10min 17 || echo "not done, or not well"
            """)

    @Argument(help: "The jobs' ids.", completion: .liveJobs)
    var id: [String]
    @OptionGroup var waiting: WaitingOptions
    @OptionGroup var connection: ConnectionOptions

    var patience: Duration? { waiting.timeout }

    func impatience() -> any Error {
        let what = id.count == 1 ? "job \(id[0].printable) has" : "the jobs have"
        return StillWaitingError("\(what) not ended", within: waiting.timeout ?? .zero)
    }

    func perform(in session: Session) async throws -> ExitStatus {
        let link = try await session.reconnecting(!waiting.noReconnect)
        var status = ExitStatus.success
        for id in id {
            let outcome = try await wait(for: id, in: session, link)
            if status == .success { status = outcome }
        }
        return status
    }

    /// A job that is not there does not keep the others from being waited for.
    private func wait(for id: String, in session: Session, _ link: ReconnectingClient) async throws -> ExitStatus {
        do { return try await session.printOutcome(of: id, link) } catch let error as JobsError {
            explain(error)
            return ExitStatus(error)
        }
    }
}
