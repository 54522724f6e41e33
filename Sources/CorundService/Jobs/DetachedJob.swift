import CorundAPI
import CorundLoop

/// A job that was submitted: keeps its record true while it lives.
final class DetachedJob: ExecutionOwner {
    let record: JobRecord
    private let board: JobBoard

    init(record: JobRecord, board: JobBoard) {
        self.record = record
        self.board = board
    }

    func jobDidBecomeDue(_ execution: JobExecution) {
        enter(.queued) { _ in }
    }

    func jobDidStart(_ execution: JobExecution) {
        enter(.running) { [now = board.now] job in
            job.attempt = execution.attempt
            job.startedAt = now
        }
    }

    func jobDidEnd(_ execution: JobExecution, _ action: JobMachine.Action, _ outcome: JobOutcome) {
        enter(execution.machine.state) { [now = board.now] job in
            job.attempt = execution.attempt
            if case .succeeded(let result) = outcome { job.result = result }
            if let failure = outcome.failure(attempt: execution.attempt) { job.failure = failure }
            if case .finish = action { job.finishedAt = now }
        }
        if case .finish = action { board.jobDidFinish(self) }
        board.log(execution, outcome)
    }

    func jobDidReport(_ progress: Event.Progress) {
        record.report(progress, at: board.now)
    }

    func jobDidLog(_ message: Event.Message) {
        record.log(message, at: board.now)
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
        case .failed(let kind, let message): Failure(kind: kind, message: message, attempt: attempt)
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
