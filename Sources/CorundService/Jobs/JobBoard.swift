import CorundAPI
import CorundLoop
import Logging
import Varlink

/// The detached jobs: takes submissions, and finds jobs for whoever asks.
///
/// It belongs to the loop.
final class JobBoard {
    let store: any JobStore
    private let scheduler: Scheduler
    private let registry: JobRegistry
    private let wallClock: WallClock
    private let logger: Logger
    /// Jobs that have not ended, with what drives them.
    private var live: [JobID: JobExecution] = [:]

    init(store: any JobStore, scheduler: Scheduler, registry: JobRegistry, wallClock: WallClock, logger: Logger) {
        self.store = store
        self.scheduler = scheduler
        self.registry = registry
        self.wallClock = wallClock
        self.logger = logger
    }

    var now: Timestamp { wallClock.now() }

    // MARK: Submitting

    /// Takes a submission; answered once it is recorded.
    func submit(_ submission: Submission, from peer: Peer) async throws -> SubmitResult {
        let kind = try check(submission, path: "submission")
        if let existing = try await existing(for: submission, path: "submission") {
            return SubmitResult(id: existing.description, created: false)
        }
        let ids = try await accept([(submission, kind)], from: peer)
        return SubmitResult(id: ids[0].description, created: true)
    }

    /// Takes all submissions, or none.
    func submit(_ submissions: [Submission], from peer: Peer) async throws -> [String] {
        var ids: [JobID?] = []
        var new: [(Submission, RegisteredKind)] = []
        for (index, submission) in submissions.enumerated() {
            let path = "submissions[\(index)]"
            let kind = try check(submission, path: path)
            let existing = try await existing(for: submission, path: path)
            ids.append(existing)
            if existing == nil { new.append((submission, kind)) }
        }
        try Self.checkKeysDiffer(new.map(\.0))
        var created = try await accept(new, from: peer)[...]
        return ids.map { ($0 ?? created.removeFirst()).description }
    }

    private func accept(_ new: [(Submission, RegisteredKind)], from peer: Peer) async throws -> [JobID] {
        let jobs = new.map { submission, kind in
            DetachedJob(submission, record: makeRecord(submission, kind, peer), kind: kind, board: self)
        }
        let delayed = jobs.count { $0.record.job.state == .scheduled }
        try scheduler.checkRoom(for: jobs.count - delayed, delayed: delayed)
        try await store.insert(jobs.map(\.record))
        for job in jobs { admit(job) }
        return jobs.map(\.id)
    }

    private func admit(_ job: DetachedJob) {
        live[job.id] = job
        // As the record has it: time has passed since it was made.
        let delay = job.record.job.notBefore.map { $0.microseconds - now.microseconds } ?? 0
        scheduler.admit(job, after: .microseconds(delay))
    }

    private func makeRecord(_ submission: Submission, _ kind: RegisteredKind, _ peer: Peer) -> JobRecord {
        let id = store.nextID()
        let now = now
        var job = Job(
            id: id.description, job: kind.name, state: submission.delay(at: now) == nil ? .queued : .scheduled,
            arguments: submission.arguments, attempt: 0,
            maxAttempts: submission.maxAttempts ?? kind.options.maxAttempts,
            context: ContextChoice(submission.context).name, group: submission.group ?? kind.group,
            priority: submission.priority ?? 0, labels: submission.labels ?? [:], ownerUID: Int(peer.userID),
            submittedAt: now)
        job.key = submission.key
        job.notBefore = submission.start(at: now)
        return JobRecord(id: id, job: job, changed: LoopSignal(loop: scheduler.loop))
    }

    // MARK: Checking

    /// - Throws: ``JobsError`` or `InvalidParameter` for a submission that cannot be taken.
    private func check(_ submission: Submission, path: String) throws -> RegisteredKind {
        guard let kind = registry.kinds[submission.job] else { throw JobsError.unknownJob(job: submission.job) }
        if let wrong = submission.wrongMember { throw VarlinkError.invalidParameter("\(path).\(wrong)") }
        guard scheduler.contexts.admits(ContextChoice(submission.context)) else {
            throw VarlinkError.invalidParameter("\(path).context")
        }
        try kind.checkArguments(submission.arguments ?? .emptyObject)
        return kind
    }

    /// The job that has the submission's key; the same key for something else is an error.
    private func existing(for submission: Submission, path: String) async throws -> JobID? {
        guard let key = submission.key, let record = try await store.find(key: key) else { return nil }
        let same =
            record.job.job == submission.job
            && record.job.arguments ?? .emptyObject == submission.arguments ?? .emptyObject
        guard same else { throw VarlinkError.invalidParameter("\(path).key") }
        return record.id
    }

    private static func checkKeysDiffer(_ submissions: [Submission]) throws {
        var seen: Set<String> = []
        for key in submissions.compactMap(\.key) where !seen.insert(key).inserted {
            throw VarlinkError.invalidParameter("submissions.key")
        }
    }

    // MARK: Finding

    /// - Throws: ``JobsError/noSuchJob(id:)``.
    func record(_ id: String) async throws -> JobRecord {
        guard let number = JobID(id), let record = try await store.find(number) else {
            throw JobsError.noSuchJob(id: id)
        }
        return record
    }

    /// What drives the job; nil when it has ended.
    func execution(of record: JobRecord) -> JobExecution? {
        live[record.id]
    }

    // MARK: Ending

    func jobDidFinish(_ job: DetachedJob) {
        live[job.id] = nil
    }

    func log(_ execution: JobExecution, _ outcome: JobOutcome) {
        guard let failure = outcome.failure(attempt: execution.attempt) else { return }
        logger.notice(
            "job \(execution.machine.state.rawValue): \(failure.message)",
            metadata: ["job": "\(execution.id)", "kind": "\(execution.kind.name)", "attempt": "\(execution.attempt)"])
    }
}

extension RegisteredKind {
    /// - Throws: ``JobsError/invalidArguments(job:path:message:)``.
    func checkArguments(_ arguments: RawJSON) throws {
        do { try check(arguments) } catch let problem as ArgumentProblem {
            throw JobsError.invalidArguments(job: name, path: problem.path, message: problem.message)
        }
    }
}
