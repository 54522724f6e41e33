import CorundAPI
import Foundation
import GRDB
import Varlink

/// Writes jobs into a database: each function is a few statements of the transaction that it is called in.
///
/// It belongs to the one connection that writes.
final class StoreWriter {
    let database: Database
    let retention: Retention

    /// Ended jobs, and the bytes they take; nil when that must be counted again.
    var ended: Retention.Stock?

    init(_ database: Database, retention: Retention) {
        self.database = database
        self.retention = retention
    }

    func inTransaction(_ body: () throws -> Void) throws {
        try database.inTransaction(.immediate) {
            try body()
            return .commit
        }
    }

    @discardableResult
    func run(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> Int {
        let statement = try database.cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(arguments))
        try statement.execute()
        return database.changesCount
    }

    func row(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> Row? {
        let statement = try database.cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(arguments))
        return try Row.fetchOne(statement)
    }

    func rows(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> [Row] {
        let statement = try database.cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(arguments))
        return try Row.fetchAll(statement)
    }

    // MARK: Submissions

    /// What became of one of several submissions.
    enum Insertion: Sendable, Equatable {
        case created
        /// A job has its key already.
        case existing(JobID)
    }

    /// Records all of the jobs, or none.
    ///
    /// - Throws: ``KeyConflict``, before anything is written.
    func insert(_ jobs: [StoredJob]) throws -> [Insertion] {
        var keys: Set<String> = []
        let outcomes = try jobs.enumerated().map { index, job in
            guard let key = job.job.key else { return Insertion.created }
            if let id = try existing(key: key, job.job, index) { return .existing(id) }
            guard keys.insert(key).inserted else { throw KeyConflict(index: index) }
            return .created
        }
        for (job, outcome) in zip(jobs, outcomes) where outcome == .created { try insert(job) }
        return outcomes
    }

    private func existing(key: String, _ job: Job, _ index: Int) throws -> JobID? {
        guard let row = try row("SELECT id, kind, arguments FROM jobs WHERE job_key = ?", [key]) else { return nil }
        guard row[1] == job.job, row.json(2) ?? .emptyObject == job.arguments ?? .emptyObject else {
            throw KeyConflict(index: index)
        }
        return row.id(0)
    }

    private func insert(_ stored: StoredJob) throws {
        let job = stored.job
        try run(
            """
            INSERT INTO jobs (id, kind, state, job_group, priority, attempt, max_attempts, crashes, durable, timeout_ms, \
            submitted_at, ready_at, not_before, is_delay, owner_uid, context, job_key, predecessors, labels, bytes, \
            arguments) VALUES (?, ?, ?, ?, ?, 0, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                stored.id, job.job, job.state.rawValue, job.group, job.priority, job.maxAttempts, stored.isDurable,
                stored.timeoutMilliseconds, job.submittedAt.microseconds, stored.readyAt.microseconds,
                job.notBefore?.microseconds, stored.isDelay,
                job.ownerUID, job.context, job.key, try job.after.map(StoreText.json),
                try job.labels.isEmpty ? nil : StoreText.json(job.labels), Self.bytes(of: job.arguments),
                job.arguments.map { Data($0.bytes) },
            ])
        try run(
            "INSERT INTO events (job, sequence, at, type, text) VALUES (?, 1, ?, 0, ?)",
            [stored.id, job.submittedAt.microseconds, job.state.rawValue])
    }

    /// What a row takes beside what it was given.
    private static let rowSize = 256

    private static func bytes(of arguments: RawJSON?) -> Int { rowSize + (arguments?.bytes.count ?? 0) }

    // MARK: The way of a job

    /// The job's time has come.
    func becameDue(_ id: JobID, at time: Timestamp) throws {
        try run("UPDATE jobs SET state = 'queued', ready_at = ? WHERE id = ?", [time.microseconds, id])
        try add(StoredEvent(.queued), to: id, at: time)
    }

    /// An attempt begins.
    ///
    /// - Returns: what the handler needs; nil when there is no such job.
    func start(_ id: JobID, attempt: Int, at time: Timestamp) throws -> JobPayload? {
        let sql = """
            UPDATE jobs SET state = 'running', attempt = ?, started_at = ?, progress = NULL, progress_note = NULL \
            WHERE id = ? RETURNING arguments, context
            """
        guard let row = try row(sql, [attempt, time.microseconds, id]) else { return nil }
        try add(StoredEvent(.running), to: id, at: time)
        return JobPayload(arguments: row.json(0) ?? .emptyObject, context: row[1])
    }

    /// An attempt has ended, and the job with it or not.
    func end(_ end: AttemptEnd) throws {
        if end.finishedAt == nil { try archiveAttempt(of: end.id, end.state, end.failure, at: end.at) }
        try run(
            """
            UPDATE jobs SET state = ?, attempt = ?, failure = ?, result = ?, not_before = coalesce(?, not_before), \
            is_delay = is_delay OR ?, finished_at = ?, bytes = bytes + ? WHERE id = ?
            """,
            [
                end.state.rawValue, end.attempt, try end.failure.map(StoreText.json), end.result.map { Data($0.bytes) },
                end.retryAt?.microseconds, end.retryAt != nil, end.finishedAt?.microseconds, end.bytes, end.id,
            ])
        try add(StoredEvent(end.state), to: end.id, at: end.at)
        if end.finishedAt != nil { try didEnd(end.id) }
    }

    func archiveAttempt(of id: JobID, _ state: JobState, _ failure: Failure?, at time: Timestamp) throws {
        try run(
            """
            INSERT OR REPLACE INTO attempts (job, started_at, finished_at, attempt, state, failure) \
            SELECT id, started_at, ?, attempt, ?, ? FROM jobs WHERE id = ? AND started_at IS NOT NULL
            """,
            [time.microseconds, (state == .scheduled ? .failed : state).rawValue, try failure.map(StoreText.json), id])
        try run(
            """
            DELETE FROM attempts WHERE job = ? AND started_at NOT IN \
            (SELECT started_at FROM attempts WHERE job = ? ORDER BY started_at DESC LIMIT ?)
            """, [id, id, Self.mostAttempts])
    }

    /// Attempts kept of one job.
    private static let mostAttempts = 100

    // MARK: Events

    func add(_ event: StoredEvent, to id: JobID, at time: Timestamp) throws {
        try run(
            """
            INSERT INTO events (job, sequence, at, type, number, text, bytes) \
            SELECT ?1, 1 + coalesce((SELECT max(sequence) FROM events WHERE job = ?1), 0), ?2, ?3, ?4, ?5, ?6
            """,
            [id, time.microseconds, event.kind.rawValue, event.number, event.text, event.bytes.map { Data($0) }])
    }

    func report(_ progress: Event.Progress, of id: JobID) throws {
        try run(
            "UPDATE jobs SET progress = ?, progress_note = ? WHERE id = ?", [progress.fraction, progress.note, id])
    }

    /// Removes the oldest of a job's events, but not its first ones and its states, until so many bytes are free.
    func trimEvents(of id: JobID, bytes: Int) throws {
        var left = bytes
        let candidates = try rows(
            """
            SELECT sequence, 32 + coalesce(length(text), 0) + coalesce(length(bytes), 0) FROM events \
            WHERE job = ? AND sequence > ? AND type <> 0 ORDER BY sequence LIMIT ?
            """, [id, EventBudget.head, EventBudget.mostEvents])
        for row in candidates {
            guard left > 0 else { return }
            left -= row[1] as Int
            try run("DELETE FROM events WHERE job = ? AND sequence = ?", [id, row[0] as Int])
        }
    }

    // MARK: Another attempt, and oblivion

    /// Lets a job that ended without success wait for another attempt.
    ///
    /// - Throws: ``JobsError``, before anything is written.
    func reopen(_ id: JobID, at time: Timestamp) throws -> WaitingJob {
        guard let row = try row("SELECT state, finished_at, failure, bytes FROM jobs WHERE id = ?", [id]) else {
            throw JobsError.noSuchJob(id: id.description)
        }
        let state = row.state(0)
        guard state != .succeeded, let finishedAt = row.timestamp(1) else {
            throw JobsError.invalidState(id: id.description, state: state)
        }
        try archiveAttempt(of: id, state, row.decoded(2), at: finishedAt)
        try run(
            """
            UPDATE jobs SET state = 'queued', failure = NULL, result = NULL, finished_at = NULL, ready_at = ?, \
            crashes = 0, max_attempts = CASE max_attempts WHEN 0 THEN 0 ELSE max(max_attempts, attempt + 1) END WHERE id = ?
            """, [time.microseconds, id])
        ended?.remove(bytes: row[3])
        try add(StoredEvent(.queued), to: id, at: time)
        guard let waiting = try self.row("SELECT \(WaitingJob.columns) FROM jobs WHERE id = ?", [id]) else {
            throw JobsError.noSuchJob(id: id.description)
        }
        return WaitingJob(waiting)
    }

    /// Forgets jobs that have ended; those that are unknown are forgotten already.
    ///
    /// - Returns: how many there were.
    /// - Throws: ``JobsError/invalidState(id:state:)``, before anything is written.
    func remove(_ ids: [JobID]) throws -> Int {
        for id in ids {
            guard let row = try row("SELECT state, finished_at FROM jobs WHERE id = ?", [id]) else { continue }
            guard row.timestamp(1) != nil else {
                throw JobsError.invalidState(id: id.description, state: row.state(0))
            }
        }
        try keepLastID(try lastID())
        return try ids.count { try forget($0) }
    }

    func forget(_ id: JobID) throws -> Bool {
        guard let row = try row("DELETE FROM jobs WHERE id = ? RETURNING bytes", [id]) else { return false }
        try run("DELETE FROM events WHERE job = ?", [id])
        try run("DELETE FROM attempts WHERE job = ?", [id])
        ended?.remove(bytes: row[0])
        return true
    }

    private func didEnd(_ id: JobID) throws {
        guard ended != nil, let row = try row("SELECT bytes FROM jobs WHERE id = ?", [id]) else { return }
        ended?.add(bytes: row[0])
    }

    // MARK: Settings

    func set(_ name: String, to value: String) throws {
        try run("INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", [name, value])
    }
}

/// The end of an attempt, as it is recorded.
struct AttemptEnd: Sendable {
    var id: JobID
    var state: JobState
    var attempt: Int
    var at: Timestamp
    var failure: Failure?
    var result: RawJSON?
    /// When the next attempt is due, if there is one.
    var retryAt: Timestamp?
    /// Set when nothing more will happen to the job.
    var finishedAt: Timestamp?
    /// What the job takes more than before, roughly.
    var bytes = 0
}

/// A key that another job, or another of the submissions, has.
struct KeyConflict: Error, Equatable {
    /// Of the submission.
    let index: Int
}
