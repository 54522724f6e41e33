import CorundAPI
import CorundLoop
import Logging
import Varlink

/// The detached jobs: takes submissions, and finds jobs for whoever asks.
///
/// It belongs to the loop.
final class JobBoard {
    let store: JobStore
    let changes: JobChanges
    let scheduler: Scheduler
    let kinds: KindCatalog
    let wallClock: WallClock
    let logger: Logger
    var log: JobLog { scheduler.log }
    /// Jobs that have not ended, with what drives them.
    var live: [JobID: DetachedJob] = [:]
    /// Submissions that are being recorded: the queue has room for them.
    private var reserved = (immediate: 0, delayed: 0)
    /// What submissions that are being recorded wait for.
    var named = NamedPredecessors()
    /// The policies of all kinds that there are and, as far as it is recorded, have been.
    var crashPolicies: [String: CrashPolicy] = [:]

    init(store: JobStore, scheduler: Scheduler, kinds: KindCatalog, wallClock: WallClock, logger: Logger) {
        self.store = store
        self.scheduler = scheduler
        self.kinds = kinds
        self.wallClock = wallClock
        self.logger = logger
        changes = JobChanges(loop: scheduler.loop)
        store.onChange = { [unowned changes] in changes.notify($0) }
        store.onOutage = { [unowned changes] in changes.notifyAll() }  // some are told of that
        store.onForgottenInVain = { [unowned self] id in
            named.wasForgotten(id)
            self.scheduler.predecessorForgotten(id)  // not `init`'s own, which the closure would keep
        }
    }

    var now: Timestamp { wallClock.now() }

    // MARK: Submitting

    /// Takes a submission; answered once it is recorded.
    func submit(_ submission: Submission, from principal: Principal) async throws -> SubmitResult {
        let kind = try check(submission, from: principal, path: "submission")
        do {
            let (id, isNew) = try await accept([(submission, kind)], from: principal)[0]
            return SubmitResult(id: id.description, created: isNew)
        } catch is KeyConflict {
            throw VarlinkError.invalidParameter("submission.key")
        }
    }

    /// Takes all submissions, or none.
    func submit(_ submissions: [Submission], from principal: Principal) async throws -> [String] {
        let checked = try submissions.enumerated().map { index, submission in
            (submission, try check(submission, from: principal, path: "submissions[\(index)]"))
        }
        do {
            return try await accept(checked, from: principal).map(\.id.description)
        } catch let conflict as KeyConflict {
            throw VarlinkError.invalidParameter("submissions[\(conflict.index)].key")
        }
    }

    /// - Throws: ``KeyConflict``; ``JobsError``.
    private func accept(
        _ submissions: [(Submission, RegisteredKind)], from principal: Principal
    ) async throws -> [(id: JobID, isNew: Bool)] {
        let predecessors = try submissions.flatMap { try ($0.0.after ?? []).map(Self.number) }
        named.begin(predecessors)
        defer { named.end(predecessors) }
        try await checkPredecessors(predecessors, of: principal)
        let jobs = submissions.map { record($0, $1, principal) }
        let delayed = jobs.count { $0.job.state == .scheduled || $0.job.after?.isEmpty == false }
        try await reserve(jobs, delayed: delayed, principal)
        defer {
            reserved.immediate -= jobs.count - delayed
            reserved.delayed -= delayed
        }
        let outcomes = try await store.insert(jobs)
        var accepted: [(JobID, Bool)] = []
        for ((job, (_, kind)), outcome) in zip(zip(jobs, submissions), outcomes) {
            if case .existing(let id) = outcome {
                accepted.append((id, false))
            } else {
                let waiting = WaitingJob(job)
                let execution = DetachedJob(
                    waiting, context: ContextChoice(job.job.context), kind: kind, board: self)
                log.submitted(execution)
                await admit(execution, waiting)
                accepted.append((job.id, true))
            }
        }
        return accepted
    }

    /// Gives a job that is recorded to the scheduler.
    private func admit(_ job: DetachedJob, _ waiting: WaitingJob) async {
        live[job.id] = job
        let predecessors = await fates(of: waiting.predecessors)
        guard !job.machine.hasEnded else { return }  // it was cancelled meanwhile
        scheduler.admit(
            job, due: DueTime(of: waiting, ClockReading(wallClock, scheduler.loop)), after: predecessors.map(\.id))
        for (id, fate) in predecessors {
            switch fate {
            case .lives: break
            case .ended(let state): scheduler.predecessorEnded(id, state)
            case .forgotten: scheduler.predecessorForgotten(id)
            }
        }
    }

    /// Makes sure that there will be room; jobs whose keys are known need none.
    private func reserve(_ jobs: [StoredJob], delayed: Int, _ principal: Principal) async throws {
        do {
            try scheduler.checkRoom(
                for: jobs.count - delayed + reserved.immediate, delayed: delayed + reserved.delayed)
        } catch {
            let keys = jobs.compactMap(\.job.key)
            guard keys.count == jobs.count,
                try await store.read({ try $0.knows(keys, of: principal.userID) })
            else { throw error }
        }
        reserved.immediate += jobs.count - delayed
        reserved.delayed += delayed
    }

    private func record(_ submission: Submission, _ kind: RegisteredKind, _ principal: Principal) -> StoredJob {
        let id = store.ids.next()
        let now = now
        var job = Job(
            id: id.description, job: kind.name, state: submission.delay(at: now) == nil ? .queued : .scheduled,
            arguments: submission.arguments, attempt: 0,
            maxAttempts: submission.maxAttempts ?? kind.options.maxAttempts,
            context: ContextChoice(submission.context).name, group: submission.group ?? kind.group,
            priority: submission.priority ?? 0, labels: submission.labels ?? [:], ownerUID: Int(principal.userID),
            submittedAt: now)
        job.key = submission.key
        job.notBefore = submission.start(at: now)
        job.after = submission.after
        return StoredJob(
            id: id, job: job, timeoutMilliseconds: submission.timeoutMilliseconds ?? kind.timeoutMilliseconds,
            isDurable: kind.options.isDurable, isDelay: submission.delayMilliseconds != nil, readyAt: now)
    }

    // MARK: Checking

    /// - Throws: ``JobsError`` or `InvalidParameter` for a submission that cannot be taken.
    private func check(
        _ submission: Submission, from principal: Principal, path: String
    ) throws -> RegisteredKind {
        let kind = try kinds.find(submission.job)
        try kind.check(user: principal.userID)
        if let wrong = submission.wrongMember { throw VarlinkError.invalidParameter("\(path).\(wrong)") }
        try kind.checkArguments(submission.arguments ?? .emptyObject)
        guard scheduler.contexts.admit(ContextChoice(submission.context)) else {
            throw VarlinkError.invalidParameter("\(path).context")
        }
        return kind
    }

    // MARK: Ending

    /// Ends the job, unless it does not end before `limit`.
    ///
    /// - Returns: the job's state, and whether it still runs.
    func cancel(
        _ id: JobID, reason: String?, until limit: LoopTime, for principal: Principal
    ) async throws -> CancelResult {
        try await checkMayChange(id, principal)
        if let execution = live[id] { log.cancelRequested(execution, by: principal.peer, reason: reason) }
        return try await changes.follow(id) { follower in
            let loop = scheduler.loop
            let timer = try loop.callAt(limit) { follower.wake() }
            defer { timer.cancel() }
            while true {
                let (version, isLast) = (follower.version, follower.isLast)
                // Again, for one whose `Retry` is only being recorded.
                if let execution = live[id] { scheduler.cancel(execution, .request(reason: reason)) }
                let job = try await job(id, for: principal)
                if job.finishedAt != nil { return CancelResult(state: job.state, stuck: false) }
                if isLast { throw JobsError.draining }
                if loop.now >= limit {
                    if let problem = store.problem { throw JobsError.storageUnavailable(message: problem) }
                    if live[id] != nil { return CancelResult(state: job.state, stuck: true) }
                }
                try await follower.wait(after: version)
            }
        }
    }

    func jobDidFinish(_ job: DetachedJob) {
        live[job.id] = nil
        scheduler.predecessorEnded(job.id, job.machine.state)
    }

    // MARK: Another attempt, and oblivion

    /// Lets a job that ended without success try once more.
    ///
    /// - Throws: ``JobsError``; `PermissionDenied`.
    func retry(_ id: JobID, for principal: Principal) async throws {
        try await checkMayChange(id, principal)
        try scheduler.checkRoom(for: 1 + reserved.immediate, delayed: reserved.delayed)
        reserved.immediate += 1
        defer { reserved.immediate -= 1 }
        let kind = try kinds.find(try await job(id, for: principal).job)
        try kind.check(user: principal.userID)
        let waiting = try await store.reopen(id, at: now)
        let execution = DetachedJob(waiting, kind: kind, board: self)
        log.retryRequested(execution, by: principal.peer)
        await admit(execution, waiting)
    }

    /// Forgets jobs that have ended; what the principal may not see is forgotten already.
    ///
    /// - Returns: how many there were.
    /// - Throws: ``JobsError``; `PermissionDenied`; and then none is forgotten.
    func remove(_ ids: [JobID], for principal: Principal) async throws -> Int {
        try await store.remove(try await changeable(ids, by: principal))
    }

    /// The daemon ends: what waits for jobs that go on later is told so.
    ///
    /// Returns when everything is recorded and everyone is answered, or when the time is up.
    func close(within limit: Duration) async {
        let end = scheduler.loop.now + limit
        if await !store.settle(until: end), store.unrecordedCount > 0 {
            let changes = store.unrecordedCount.counting("change", "changes")
            logger.error("\(changes) could not be recorded: \(store.problem ?? "the disk hangs")")
        }
        await changes.close(until: end)
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
