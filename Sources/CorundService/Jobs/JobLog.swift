import CorundAPI
import CorundLoop
import Logging
import Varlink

/// Tells the stories of jobs to the log: an entry for each thing that happens to one, with the job in its metadata.
///
/// Jobs that run a program are told of at `info`: to start it takes milliseconds, beside which an entry is nothing. Other
/// detached jobs are told of at `debug`, and at `notice` or above when they end in a way that somebody may have to look
/// at. Attached runs of other kinds, of which there may be a hundred thousand in a second, are told of at `debug` alone,
/// and ask ``tells(of:)`` first. It belongs to the loop.
final class JobLog {
    private let logger: Logger
    private unowned let loop: EventLoop
    /// Whether the story of every job is told. (A stored answer: to ask the logger at each attached run would show.)
    private var tellsAll = false

    init(_ logger: Logger, loop: EventLoop) {
        self.logger = logger
        self.loop = loop
        levelChanged()
    }

    /// To be called when another level is logged than before, as after a reload.
    func levelChanged() {
        tellsAll = logger.logLevel <= .debug
    }

    /// Whether the story of an attached run of the kind is told.
    func tells(of kind: RegisteredKind) -> Bool { tellsAll || kind.runsProgram }

    /// A logger whose entries have the job in their metadata.
    func logger(of job: JobExecution) -> Logger {
        var logger = logger
        for (key, value) in Self.metadata(of: job) { logger[metadataKey: key] = value }
        return logger
    }

    // MARK: The story

    /// Its owner has submitted it.
    func submitted(_ job: JobExecution) {
        tell(
            Self.level(of: job), job,
            "job \(job.label) was submitted" + (job.owner.map { " by uid \($0)" } ?? ""))
    }

    /// Its handler is about to be called.
    func started(_ job: JobExecution) {
        tell(Self.level(of: job), job, "job \(job.label) started, attempt \(job.attempt)")
    }

    /// A client wants it to end.
    func cancelRequested(_ job: JobExecution, by peer: Peer, reason: String?) {
        tell(
            Self.level(of: job), job,
            "uid \(peer.userID) asks job \(job.label) to end" + (reason.map { ": \($0)" } ?? ""),
            ["peer_uid": "\(peer.userID)"])
    }

    /// A client wants another attempt at it.
    func retryRequested(_ job: JobExecution, by peer: Peer) {
        tell(
            Self.level(of: job), job, "uid \(peer.userID) asks for another attempt at job \(job.label)",
            ["peer_uid": "\(peer.userID)"])
    }

    /// Its handler was cancelled.
    func askedToEnd(_ job: JobExecution, _ cause: CancelCause) {
        tell(Self.level(of: job), job, "job \(job.label) was asked to end: \(cause.explanation)")
    }

    /// It was asked to end, and does not.
    func stuck(_ job: JobExecution) {
        tell(.warning, job, "job \(job.label) was asked to end and does not")
    }

    /// An attempt has ended, and the job with it unless another one is due after `pause`.
    func ended(_ job: JobExecution, _ action: JobMachine.Action, _ outcome: JobOutcome, pause: Duration) {
        guard action != .retry else { return failedForNow(job, outcome, pause: pause) }
        let state = job.machine.state
        tell(
            Self.level(of: job, ended: state), job,
            "job \(job.label) \(state.phrase)\(runTime(of: job))\(Self.explanation(of: job, outcome))",
            Self.metadata(ofEnd: job))
    }

    private func failedForNow(_ job: JobExecution, _ outcome: JobOutcome, pause: Duration) {
        tell(
            Self.level(of: job), job,
            """
            attempt \(job.attempt) of job \(job.label) failed\(runTime(of: job))\(Self.explanation(of: job, outcome)); \
            the next one is due in \(TimeSpan.render(pause.shortened))
            """,
            Self.metadata(ofEnd: job))
    }

    /// What has become of a job that an earlier daemon has left; one that simply waits on has no entry.
    func recovered(_ job: WaitingJob, _ decision: Recovery.Decision, runsProgram: Bool) {
        let level = Self.level(of: job, decision, runsProgram: runsProgram)
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "job": "\(job.id)", "kind": "\(job.kind)", "attempt": "\(job.attempt)", "peer_uid": "\(job.owner)",
        ]
        let what: String
        switch decision {
        case .wait: return
        case .rerun: what = "was running when an earlier daemon \(job.hasCrashed ? "died" : "ended"), and runs again"
        case .end(let state, let failure):
            what = "\(state.phrase): \(failure.message)"
            metadata["state"] = "\(state.rawValue)"
        }
        logger.log(level: level, "job \(job.kind) \(job.id) \(what)", metadata: metadata)
    }

    // MARK: Pauses

    /// An operator lets no more jobs of a group start, or of any with nil.
    func paused(_ group: String?, by peer: Peer) {
        tell(peer, "pauses \(Self.whole(group))")
    }

    /// An operator lets jobs of a group start again, or of all with nil.
    func resumed(_ group: String?, by peer: Peer) {
        tell(peer, "resumes \(Self.whole(group))")
    }

    private static func whole(_ group: String?) -> String {
        group.map { "the group \($0)" } ?? "everything"
    }

    private func tell(_ peer: Peer, _ does: String) {
        logger.notice("uid \(peer.userID) \(does)", metadata: ["peer_uid": "\(peer.userID)"])
    }

    // MARK: Levels

    private static func level(of job: JobExecution) -> Logger.Level { level(runsProgram: job.kind.runsProgram) }

    private static func level(runsProgram: Bool) -> Logger.Level { runsProgram ? .info : .debug }

    private static func level(of job: JobExecution, ended state: JobState) -> Logger.Level {
        switch state {
        case .failed, .timedOut, .interrupted: job.isAttached ? level(of: job) : .notice
        case .scheduled, .queued, .running, .succeeded, .cancelled: level(of: job)
        }
    }

    private static func level(
        of job: WaitingJob, _ decision: Recovery.Decision, runsProgram: Bool
    ) -> Logger.Level {
        switch decision {
        case .wait: .debug
        case .rerun: job.hasCrashed ? .notice : level(runsProgram: runsProgram)
        // A durable job that does not run again by itself waits for a person.
        case .end(.interrupted, _): job.isDurable ? .warning : .notice
        case .end: .notice
        }
    }

    // MARK: Texts

    private func tell(
        _ level: Logger.Level, _ job: JobExecution, _ message: @autoclosure () -> String,
        _ more: @autoclosure () -> Logger.Metadata = [:], function: String = #function, line: UInt = #line
    ) {
        guard logger.logLevel <= level else { return }
        logger.log(
            level: level, "\(message())", metadata: Self.metadata(of: job).merging(more()) { $1 }, file: #fileID,
            function: function, line: line)
    }

    private static func metadata(of job: JobExecution) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["job": "\(job.id)", "kind": "\(job.kind.name)"]
        if job.attempt > 0 { metadata["attempt"] = "\(job.attempt)" }
        if let context = job.knownContext { metadata["context"] = "\(context.name)" }
        if let owner = job.owner { metadata["peer_uid"] = "\(owner)" }
        return metadata
    }

    private static func metadata(ofEnd job: JobExecution) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["state": "\(job.machine.state.rawValue)"]
        // An interruption costs no attempt, so that the machine has taken this one back.
        if job.machine.state == .interrupted, job.hasBegun { metadata["attempt"] = "\(job.attempt + 1)" }
        if let status = job.exitStatus { metadata["exit_status"] = "\(status)" }
        return metadata
    }

    /// How long the attempt has taken; nothing for a job that did not run.
    private func runTime(of job: JobExecution) -> String {
        guard job.hasBegun else { return "" }
        let time = Duration.nanoseconds(loop.tickStartedAt.nanoseconds(since: job.startedAt))
        return " after \(TimeSpan.render(time.shortened))"
    }

    /// Why it has ended so.
    private static func explanation(of job: JobExecution, _ outcome: JobOutcome) -> String {
        switch outcome {
        case .succeeded: job.exitStatus.map { ", with exit status \($0)" } ?? ""
        case .cancelled(let cause): ": \(cause.explanation)"
        case .failed, .invalidArguments: outcome.failure(attempt: job.attempt).map { ": \($0.message)" } ?? ""
        }
    }
}

extension WaitingJob {
    /// Whether the daemon that has left it died, and did not end.
    fileprivate var hasCrashed: Bool { state == .running }
}

extension CancelCause {
    /// Why, in words.
    fileprivate var explanation: String {
        switch self {
        case .request(let reason): reason ?? "on request"
        case .hangUp: "its caller hung up"
        case .timeout(let milliseconds): "it has run for \(TimeSpan.render(.milliseconds(milliseconds)))"
        case .daemonEnd: "the daemon ends"
        }
    }
}

extension JobState {
    /// What has become of a job, in words.
    fileprivate var phrase: String {
        switch self {
        case .scheduled: "waits for its time"
        case .queued: "waits for its turn"
        case .running: "runs"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "was cancelled"
        case .timedOut: "timed out"
        case .interrupted: "was interrupted"
        }
    }
}

extension Duration {
    /// As exact as people want it: whole milliseconds, or microseconds below one.
    fileprivate var shortened: Duration {
        let microseconds = clampedNanoseconds / 1000
        return .microseconds(microseconds < 1000 ? microseconds : microseconds / 1000 * 1000)
    }
}
