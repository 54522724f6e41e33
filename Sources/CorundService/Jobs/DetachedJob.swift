import CorundAPI

/// A job that was submitted: keeps its record true while it lives.
final class DetachedJob: JobExecution, @unchecked Sendable {
    // SAFETY: as its superclass.
    let record: JobRecord
    private let board: JobBoard

    init(_ submission: Submission, record: JobRecord, kind: RegisteredKind, board: JobBoard) {
        self.record = record
        self.board = board
        let job = record.job
        super.init(
            id: record.id, kind: kind, arguments: submission.arguments ?? .emptyObject,
            context: ContextChoice(submission.context), group: submission.group, priority: job.priority,
            timeoutMilliseconds: submission.timeoutMilliseconds ?? kind.timeoutMilliseconds,
            machine: JobMachine(isDelayed: job.state == .scheduled, maxAttempts: job.maxAttempts))
    }

    override func didBecomeDue() {
        enter(.queued) { _ in }
    }

    override func willStart(on scheduler: Scheduler) {
        enter(.running) { [attempt, now = board.now] job in
            job.attempt = attempt
            job.startedAt = now
        }
        scheduler.launch(self)
    }

    override func didEnd(_ action: JobMachine.Action, _ outcome: JobOutcome) {
        enter(machine.state) { [attempt, now = board.now] job in
            job.attempt = attempt
            job.result = outcome.result
            if let failure = outcome.failure(attempt: attempt) { job.failure = failure }
            if case .finish = action { job.finishedAt = now }
        }
        if case .finish = action { board.jobDidFinish(self) }
        board.log(self, outcome)
    }

    override func didReport(_ progress: Event.Progress) {
        record.report(progress, at: board.now)
    }

    override func didLog(_ message: Event.Message) {
        record.log(message, at: board.now)
    }

    override func didWrite(_ output: Event.Output) {
        record.write(output, at: board.now)
    }

    private func enter(_ state: JobState, _ change: (inout Job) -> Void) {
        record.enter(state, at: board.now, change)
        board.store.save(record)
    }
}

extension JobOutcome {
    /// What the job's record says of a job that did not succeed; nil for one that did.
    func failure(attempt: Int) -> Failure? {
        switch self {
        case .succeeded, .cancelled(.daemonEnd): nil
        case .failed(let failure): Failure(failure, attempt: attempt)
        case .invalidArguments(let path, let message):
            Failure(kind: "InvalidArguments", message: path.isEmpty ? message : "\(path): \(message)", attempt: attempt)
        case .cancelled(.request(let reason)):
            Failure(kind: "Cancelled", message: reason ?? "cancelled on request", attempt: attempt)
        case .cancelled(.hangUp): Failure(kind: "Cancelled", message: "the caller hung up", attempt: attempt)
        case .cancelled(.timeout(let milliseconds)):
            Failure(kind: "TimedOut", message: "it did not end within \(milliseconds) ms", attempt: attempt)
        }
    }
}
