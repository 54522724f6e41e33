import CorundAPI
import Logging
import Varlink

/// A job that was submitted: records in the store what happens to it.
///
/// It is all that the daemon keeps in memory of a job that waits, so it is small; what the handler is given is read when
/// its turn comes.
final class DetachedJob: JobExecution, @unchecked Sendable {
    // SAFETY: as its superclass.
    private unowned let board: JobBoard
    private let isDurable: Bool
    private let submitter: UInt32
    private let hasLastChance: Bool
    private var budget = EventBudget()
    /// Bytes of events that the record knows of.
    private var recordedBytes = 0
    private var knowsContext: Bool

    /// The context is where it runs; nil as long as that is on disk alone.
    ///
    /// It has its last chance when another death of the daemon under it would be one too many.
    init(
        _ job: WaitingJob, context: ContextChoice? = nil, kind: RegisteredKind, hasLastChance: Bool = false,
        board: JobBoard
    ) {
        self.hasLastChance = hasLastChance
        self.board = board
        isDurable = job.isDurable && board.store.isDurable
        submitter = job.owner
        knowsContext = context != nil
        super.init(
            id: job.id, kind: kind, arguments: .emptyObject, context: context ?? .shared,
            group: job.group == kind.group ? nil : job.group, priority: job.priority,
            timeoutMilliseconds: job.timeoutMilliseconds,
            machine: JobMachine(
                isDelayed: job.state == .scheduled, attempt: job.attempt, maxAttempts: job.maxAttempts))
    }

    override var survivesDaemon: Bool { isDurable }
    override var isSuspect: Bool { hasLastChance }
    override var owner: UInt32? { submitter }
    override var knownContext: ContextChoice? { knowsContext ? context : nil }
    override var logger: Logger { board.log.logger(of: self) }

    override func didBecomeDue() {
        board.store.becameDue(id, at: board.now)
    }

    override func willStart(on scheduler: Scheduler) {
        board.store.start(id, attempt: attempt, at: board.now) { [self] payload in
            guard let payload else { return scheduler.cancel(self, .request(reason: "its record is gone")) }
            arguments = payload.arguments
            context = ContextChoice(payload.context)
            knowsContext = true
            if !machine.hasEnded { board.log.started(self) }
            scheduler.launch(self)
        }
    }

    override func didEnd(_ action: JobMachine.Action, _ outcome: JobOutcome, pause: Duration) {
        let now = board.now
        var end = AttemptEnd(
            id: id, state: machine.state, attempt: attempt, at: now, failure: outcome.failure(attempt: attempt),
            result: outcome.result, bytes: budget.bytes - recordedBytes)
        end.bytes += end.result?.bytes.count ?? 0
        recordedBytes = budget.bytes
        if action == .finish(.interrupted), isDurable {
            if !hasBegun { end.state = .queued }  // its start may be on disk already
        } else if case .finish = action {
            end.finishedAt = now
        }
        board.store.end(end)
        if action == .retry { board.store.postpone(id, until: now.advanced(by: pause)) }
        arguments = .emptyObject
        board.log.ended(self, action, outcome, pause: pause)
        if case .finish = action { board.jobDidFinish(self) }  // others are told of that, in entries of their own
    }

    override func didReport(_ progress: Event.Progress) {
        if board.store.report(progress, of: id, at: board.now) { count(StoredEvent(progress)) }
    }

    override func didLog(_ message: Event.Message) {
        add(StoredEvent(message))
    }

    override func didWrite(_ output: Event.Output) {
        add(StoredEvent(output))
    }

    private func add(_ event: StoredEvent) {
        if board.store.add(event, to: id, at: board.now) { count(event) }
    }

    private func count(_ event: StoredEvent) {
        if budget.add(event.size) { board.store.trimEvents(of: id) }
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
