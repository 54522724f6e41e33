import CorundAPI
public import CorundLoop
public import Logging

/// What a handler knows of the job it works on, and says about it.
///
/// It belongs to the daemon's loop, where handlers run. What a job has to say (``report(progress:note:)``,
/// ``log(_:level:)``, ``write(_:to:)``) may be said on any thread, such as that of a closure that blocks.
public struct JobContext: Sendable {
    let execution: JobExecution
    let mail: JobMail

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
    ///   - fraction: 0 to 1; what is outside is clamped.
    ///   - note: what the job is doing.
    public func report(progress fraction: Double, note: String? = nil) {
        let clamped = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
        tell { $0.didReport(Event.Progress(fraction: clamped, note: note)) }
    }

    /// Adds a line to what watchers of the job see; ``logger`` is for operators.
    public func log(_ text: String, level: String = "info") {
        tell { $0.didLog(Event.Message(level: level, text: text)) }
    }

    /// Shows watchers of the job what a program that it runs has written, in pieces of 32 KiB at most.
    ///
    /// - Parameters:
    ///   - bytes: any; a piece may end in the middle of a character.
    ///   - stream: where the program wrote them.
    public func write(_ bytes: some Collection<UInt8>, to stream: StandardStream) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.longestPiece)
            let output = Event.Output(stream: stream.rawValue, base64: Base64.encode(piece))
            tell { $0.didWrite(output) }
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Tells the execution now or, on another thread than the loop's, soon; what comes after its end, nobody hears.
    ///
    /// What one thread says keeps its order, and comes before the end of the closure that says it.
    private func tell(_ say: @escaping @Sendable (JobExecution) -> Void) {
        guard loop.isOnItsThread else { return mail.post { hear(say) } }
        mail.deliver()
        hear(say)
    }

    private func hear(_ say: (JobExecution) -> Void) {
        if !execution.machine.hasEnded { say(execution) }
    }

    /// The daemon's.
    var loop: EventLoop { mail.loop }

    /// So that an event is far from being too large for a message.
    private static let longestPiece = 32 << 10
}
