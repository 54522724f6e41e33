import CorundAPI
import CorundLoop
import Logging

/// Where detached jobs are kept, on disk or for as long as the daemon lives.
///
/// Whoever reads sees what is committed, and nothing else: an answer never speaks of something that a crash could take
/// back. Everything is called on the loop, which never waits for the disk.
final class JobStore {
    private let engine: any StoreEngine
    private let loop: EventLoop
    private let commits: GroupCommit
    let ids: JobIDs
    /// Told after the commit of something that happened to a job.
    var onChange: (JobID) -> Void = { _ in }
    /// Told after the commit that has forgotten a job which has not succeeded.
    var onForgottenInVain: (JobID) -> Void {
        get { commits.onForgottenInVain }
        set { commits.onForgottenInVain = newValue }
    }
    /// Told when nothing can be recorded any more.
    var onOutage: () -> Void {
        get { commits.onOutage }
        set { commits.onOutage = newValue }
    }

    /// - Throws: ``StoreError``.
    init(engine: any StoreEngine, loop: EventLoop, logger: Logger, now: @escaping () -> Timestamp) throws {
        self.engine = engine
        self.loop = loop
        commits = GroupCommit(engine: engine, loop: loop, logger: logger, now: now)
        ids = JobIDs(after: try engine.writeNow { try $0.lastID() })
    }

    var isDurable: Bool { engine.isDurable }

    /// Why nothing can be recorded; nil when all is well.
    var problem: String? { commits.problem }

    /// As ``problem``, also of a disk that does not answer.
    var trouble: String? { commits.trouble }

    /// Forgets what is too old, from now on also while nothing else happens.
    func beginSweeping() { commits.beginSweeping() }

    /// Keeps so much of what has ended from now on.
    func apply(_ retention: Retention) {
        commits.add(StoreRequest(.state) { $0.retention = retention })
    }

    // MARK: Submissions

    /// Records all of the jobs, or none; returns once they are committed.
    ///
    /// - Throws: ``KeyConflict``; ``JobsError/storageUnavailable(message:)``.
    func insert(_ jobs: [StoredJob]) async throws -> [StoreWriter.Insertion] {
        try await request { try $0.insert(jobs) }
    }

    /// Lets a job that ended without success wait for another attempt.
    ///
    /// - Throws: ``JobsError``.
    func reopen(_ id: JobID, at time: Timestamp) async throws -> WaitingJob {
        defer { onChange(id) }
        return try await request { try $0.reopen(id, at: time) }
    }

    /// Forgets jobs that have ended.
    ///
    /// - Returns: how many there were.
    /// - Throws: ``JobsError``, and then none is forgotten.
    func remove(_ ids: [JobID]) async throws -> Int {
        try await request { try $0.remove(ids) }
    }

    private func request<Value: Sendable>(
        _ body: @escaping @Sendable (StoreWriter) throws -> Value
    ) async throws -> Value {
        try await withUnsafeThrowingContinuation { continuation in
            commits.add(StoreRequest(.request, body) { continuation.resume(with: $0) })
        }
    }

    // MARK: What happens to a job

    /// Records that an attempt begins, then calls `completion` with what the handler needs.
    func start(_ id: JobID, attempt: Int, at time: Timestamp, completion: @escaping (JobPayload?) -> Void) {
        commits.add(
            StoreRequest(.state) {
                try $0.start(id, attempt: attempt, at: time)
            } completion: { [unowned self] result in
                onChange(id)
                completion((try? result.get()) ?? nil)
            })
    }

    func becameDue(_ id: JobID, at time: Timestamp) {
        record(.state, id) { try $0.becameDue(id, at: time) }
    }

    func end(_ end: AttemptEnd) {
        record(.state, end.id) { try $0.end(end) }
    }

    /// Another attempt is due then.
    func postpone(_ id: JobID, until time: Timestamp) {
        record(.state, id) { try $0.postpone(id, until: time) }
    }

    /// - Returns: false when it is lost, because too much waits for the disk.
    func report(_ progress: Event.Progress, of id: JobID, at time: Timestamp) -> Bool {
        let event = StoredEvent(progress)
        return record(.detail, size: event.size, id) { writer in
            try writer.report(progress, of: id)
            try writer.add(event, to: id, at: time)
        }
    }

    /// - Returns: as ``report(_:of:at:)``.
    func add(_ event: StoredEvent, to id: JobID, at time: Timestamp) -> Bool {
        record(.detail, size: event.size, id) { try $0.add(event, to: id, at: time) }
    }

    func trimEvents(of id: JobID) {
        record(.state, id) { try $0.trimEvents(of: id) }
    }

    @discardableResult
    private func record(
        _ importance: StoreWrite.Importance, size: Int = 0, _ id: JobID,
        _ body: @escaping @Sendable (StoreWriter) throws -> Void
    ) -> Bool {
        commits.add(StoreRequest(importance, size: size, body) { [unowned self] _ in onChange(id) })
    }

    // MARK: Settings

    func set(_ name: String, to value: String) {
        commits.add(StoreRequest(.state) { try $0.set(name, to: value) })
    }

    /// Returns when what has happened so far is recorded, or cannot be for now: then it is as soon as the disk is back.
    func waitUntilRecorded() async {
        await withUnsafeContinuation { continuation in
            commits.add(StoreRequest(.request, { _ in }) { _ in continuation.resume() })
        }
    }

    // MARK: Reading

    /// - Throws: ``JobsError/storageUnavailable(message:)``; `CancellationError`.
    func read<Value: Sendable>(_ body: @escaping @Sendable (StoreReader) throws -> Value) async throws -> Value {
        do { return try await engine.read(body) } catch let error as CancellationError { throw error } catch {
            throw JobsError.storageUnavailable(message: GroupCommit.reason(for: error))
        }
    }

    /// The states of the jobs that there are, after everything that has happened so far.
    func settledStates(of ids: [JobID]) async -> [JobID: JobState] {
        await withUnsafeContinuation { continuation in
            let read: @Sendable (StoreWriter) throws -> [JobID: JobState] = {
                try StoreReader(database: $0.database).states(of: ids)
            }
            // (As something that has happened, it waits for the disk and does not fail.)
            commits.add(StoreRequest(.state, read) { continuation.resume(returning: (try? $0.get()) ?? [:]) })
        }
    }

    /// As ``settledStates(of:)``, for the beginning.
    func statesNow(of ids: [JobID]) throws -> [JobID: JobState] {
        try engine.writeNow { try StoreReader(database: $0.database).states(of: ids) }
    }

    // MARK: The beginning and the end

    /// Decides what becomes of what another daemon has left, and hands on that and what waits; for the beginning.
    ///
    /// - Throws: ``StoreError``.
    func recover(
        _ plan: Recovery, at now: Timestamp, settled: (WaitingJob, Recovery.Decision) -> Void,
        _ body: (WaitingJob) -> Void
    ) throws {
        try engine.writeNow { try $0.recover(plan, at: now, settled: settled, body) }
    }

    /// A setting, for the beginning.
    ///
    /// - Throws: ``StoreError``.
    func settingNow(_ name: String) throws -> String? {
        try engine.writeNow { try $0.setting(name) }
    }

    /// Waits until everything is committed, but not for longer than until `limit`; a disk that could not be written is tried
    /// once more.
    ///
    /// - Returns: whether it is.
    func settle(until limit: LoopTime) async -> Bool {
        let last = ids.last
        let ended = LoopSignal(loop: loop)
        var isSettled: Bool?
        commits.add(
            StoreRequest(.lastWord) {
                try $0.keepLastID(last)
            } completion: { result in
                isSettled = (try? result.get()) != nil
                ended.notify()
            })
        let timer = try? loop.callAt(limit) { ended.notify() }
        defer { timer?.cancel() }
        while isSettled == nil, loop.now < limit { do { try await ended.wait() } catch { return false } }
        return isSettled == true
    }

    /// How many things that have happened are not recorded, so far.
    var unrecordedCount: Int { commits.unrecordedCount }

    /// - Throws: what the database throws; ``StoreError/hanging(path:)`` when the disk keeps it longer than `limit`.
    func close(within limit: Duration) throws {
        try engine.close(within: limit)
    }
}

/// The numbers that jobs get.
final class JobIDs {
    private(set) var last: JobID

    init(after last: JobID) {
        self.last = last
    }

    /// A number that no job has had.
    func next() -> JobID {
        last = JobID(last.number + 1)
        return last
    }
}
