import CorundAPI
public import CorundLoop
public import Logging

/// What a handler knows of the job it works on, and says about it.
///
/// It belongs to the daemon's loop, where handlers run.
public struct JobContext: Sendable {
    let execution: JobExecution

    /// The job's id, as clients have it.
    public var id: String { execution.id.description }

    /// The attempt, from 1.
    public var attempt: Int { execution.attempt }

    /// A logger for what operators are to read, whose entries have the job in their metadata.
    ///
    /// The keys are `job`, `kind`, `attempt`, `context` and `peer_uid`. In the stock daemon, `journalctl CORUND_JOB=…` finds
    /// these entries beside what the daemon itself says of the job. The logger is made when it is asked for, so keep it
    /// in a variable. (What clients who watch the job are to see goes to ``log(_:level:)``.)
    public var logger: Logger { execution.logger }

    /// Says how far the job has come: watchers see it at once, `Get` shows the last one.
    ///
    /// Does nothing for an attached run, which nobody can watch.
    ///
    /// - Parameters:
    /// - fraction: 0 to 1; what is outside is clamped.
    /// - note: what the job is doing.
    public func report(progress fraction: Double, note: String? = nil) {
        let clamped = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
        guard !execution.machine.hasEnded else { return }
        execution.didReport(Event.Progress(fraction: clamped, note: note))
    }

    /// Adds a line to what watchers of the job see; ``logger`` is for operators.
    public func log(_ text: String, level: String = "info") {
        guard !execution.machine.hasEnded else { return }
        execution.didLog(Event.Message(level: level, text: text))
    }

    /// Shows watchers of the job what a program that it runs has written, in pieces of 32 KiB at most.
    ///
    /// - Parameters:
    ///   - bytes: any; a piece may end in the middle of a character.
    ///   - stream: where the program wrote them.
    public func write(_ bytes: some Collection<UInt8>, to stream: StandardStream) {
        guard !execution.machine.hasEnded else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.longestPiece)
            execution.didWrite(Event.Output(stream: stream.rawValue, base64: Base64.encode(piece)))
            rest = rest.dropFirst(piece.count)
        }
    }

    /// So that an event is far from being too large for a message.
    private static let longestPiece = 32 << 10
}
