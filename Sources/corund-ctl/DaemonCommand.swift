import ArgumentParser
import CorundAPI
import CorundCommandLine
import CorundRunner
import Glibc
import Varlink

/// A command that talks to the daemon: an async function, run to its end on an event loop of its own.
protocol DaemonCommand: ParsableCommand, Sendable {
    var connection: ConnectionOptions { get }
    /// Nothing is printed, be it an answer or an error.
    var isQuiet: Bool { get }
    /// The command runs a job that ends with the connection.
    static var isAttached: Bool { get }

    func perform(in session: Session) async throws -> ExitStatus
}

extension DaemonCommand {
    var isQuiet: Bool { false }
    static var isAttached: Bool { false }

    func run() throws {
        exitOnInterrupt()
        let status: ExitStatus
        do {
            status = try Runner.run {
                let session = Session(connection, isQuiet: isQuiet)
                defer { session.close() }
                return try await perform(in: session)
            }
        } catch {
            if !isQuiet { explain(error) }
            status = ExitStatus(error, isAttached: Self.isAttached)
        }
        guard status == .success else { throw ExitCode(status.rawValue) }
    }

    /// Says on standard error what was wrong.
    func explain(_ error: any Error) {
        if connection.json, let reply = Self.reply(error) {
            try? OutputFile.standardError.print([reply.onOneLine])
        } else if let complaint = Complaint(error, isAttached: Self.isAttached) {
            OutputFile.standardError.complain(complaint.text)
        }
    }

    private static func reply(_ error: any Error) -> VarlinkError? {
        switch error {
        case let error as VarlinkError: error
        case let error as JobsError: error.onTheWire
        case let error as ServiceError: error.onTheWire
        default: nil
        }
    }

    /// Ctrl-C ends the process at once with 130, and with it the connection, which cancels an attached job.
    ///
    /// Where SIGINT is ignored, as it is for a shell's background jobs, it stays so.
    private func exitOnInterrupt() {
        var present = sigaction()
        let isKnown = sigaction(SIGINT, nil, &present) == 0
        // SIG_IGN is the number 1 in place of a function; C's cast is not imported.
        let isIgnored = isKnown && unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self) == 1
        guard !isIgnored else { return }
        try? Signals.hold(SIGINT, exitingAtDelivery: 1)
    }
}

extension OutputFile {
    /// A line that says who speaks.
    func complain(_ text: String) {
        try? print(["corund-ctl: \(text)"])
    }
}
