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
    /// How many SIGINTs it takes until the process ends.
    static var interruptsUntilExit: Int { get }
    /// How long the command may take; nil: as long as it takes.
    var patience: Duration? { get }

    func perform(in session: Session) async throws -> ExitStatus
    /// What to end with when the ``patience`` is over.
    func impatience() -> any Error
    /// Says what went wrong; the status that it means.
    func settle(_ error: any Error) -> ExitStatus
}

extension DaemonCommand {
    var isQuiet: Bool { false }
    static var isAttached: Bool { false }
    static var interruptsUntilExit: Int { 1 }
    var patience: Duration? { nil }

    func impatience() -> any Error { ExitStatus.timedOut }

    func settle(_ error: any Error) -> ExitStatus {
        if !isQuiet { explain(error) }
        return ExitStatus(error, isAttached: Self.isAttached)
    }

    func run() throws {
        exitOnInterrupt()
        let status: ExitStatus
        do { status = try Runner.run { try await performInTime() } } catch { status = settle(error) }
        guard status == .success else { throw ExitCode(status.rawValue) }
    }

    private func performInTime() async throws -> ExitStatus {
        guard let patience, let loop = EventLoop.running else { return try await performInSession() }
        // A task of its own, so that it can be given up wherever it is: the queue of the socket may be full, or the
        // daemon may have taken the connection and be wedged.
        let work = try loop.spawn { try await performInSession() }
        let limit = try loop.callLater(patience) { work.cancel() }
        defer { limit.cancel() }
        do { return try await work.value } catch is CancellationError { throw impatience() }
    }

    private func performInSession() async throws -> ExitStatus {
        let session = try Session(connection, isQuiet: isQuiet)
        defer { session.close() }
        return try await perform(in: session)
    }

    /// Says on standard error what was wrong.
    func explain(_ error: any Error) {
        if connection.json, let reply = Self.reply(error) {
            let file = OutputFile.standardError
            try? file.print([file.line(reply.onOneLine)])
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
        guard !Signals.isIgnored(SIGINT) else { return }
        try? Signals.hold(SIGINT, exitingAtDelivery: Self.interruptsUntilExit)
    }
}

extension OutputFile {
    /// A line that says who speaks.
    func complain(_ text: String) {
        try? print(["corund-ctl: \(text)"])
    }
}
