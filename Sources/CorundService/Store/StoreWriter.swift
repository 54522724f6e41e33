import CorundAPI
import Foundation
import GRDB
import Varlink

/// Writes jobs into a database: each function is a few statements of the transaction that it is called in.
///
/// It belongs to the one connection that writes.
final class StoreWriter {
    let database: Database
    var retention: Retention
    /// The file; nil in memory.
    private let file: FileIdentity?

    /// Ended jobs, and the bytes they take; nil when that must be counted again.
    var ended: Retention.Stock?
    /// Jobs that have not succeeded and that the present transaction forgets.
    private(set) var forgottenInVain: [JobID] = []

    init(_ database: Database, retention: Retention, file: FileIdentity? = nil) {
        self.database = database
        self.retention = retention
        self.file = file
    }

    func inTransaction(_ body: () throws -> Void) throws {
        forgottenInVain = []
        try database.inTransaction(.immediate) {
            try body()
            try file?.check()
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
        return JobPayload(arguments: try row.json(0) ?? .emptyObject, context: try row.value(1))
    }

    /// An attempt has ended, and the job with it or not; or it is to be as if it had not begun: the job is queued.
    func end(_ end: AttemptEnd) throws {
        if end.finishedAt == nil, end.state != .queued {
            try archiveAttempt(of: end.id, end.state, end.failure, at: end.at)
        }
        let failure = try end.failure.map(StoreText.json)
        let changes = try run(
            """
            UPDATE jobs SET state = ?, attempt = ?, failure = ?, result = ?, finished_at = ?, bytes = bytes + ? \
            WHERE id = ?
            """,
            [
                end.state.rawValue, end.attempt, failure, end.result.map { Data($0.bytes) },
                end.finishedAt?.microseconds, end.bytes + (failure?.utf8.count ?? 0), end.id,
            ])
        guard changes > 0 else { return }  // somebody else has removed it; events of no job would stay for ever
        try add(StoredEvent(end.state), to: end.id, at: end.at)
        if end.finishedAt != nil { try didEnd(end.id) }
    }

    /// Another attempt is due then.
    func postpone(_ id: JobID, until time: Timestamp) throws {
        try run("UPDATE jobs SET not_before = ?, is_delay = 1 WHERE id = ?", [time.microseconds, id])
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
            "UPDATE jobs SET progress = ?, progress_note = ? WHERE id = ?",
            [progress.fraction, progress.note.map(StoreText.printable), id])
    }

    /// Removes the events of a job that are too much.
    func trimEvents(of id: JobID) throws {
        let entries = try rows(
            """
            SELECT sequence, type = 0, 32 + coalesce(length(CAST(text AS BLOB)), 0) + coalesce(length(bytes), 0) \
            FROM events WHERE job = ? ORDER BY sequence
            """, [id]
        ).map { EventBudget.Entry(sequence: try $0.value(0), isState: try $0.value(1), size: try $0.value(2)) }
        for sequence in EventBudget.surplus(entries) {
            try run("DELETE FROM events WHERE job = ? AND sequence = ?", [id, sequence])
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
        let state = try row.state(0)
        guard state != .succeeded, let finishedAt = try row.timestamp(1) else {
            throw JobsError.invalidState(id: id.description, state: state)
        }
        try archiveAttempt(of: id, state, try row.decoded(2), at: finishedAt)
        try run(
            """
            UPDATE jobs SET state = 'queued', failure = NULL, result = NULL, finished_at = NULL, ready_at = ?, \
            crashes = 0, max_attempts = CASE max_attempts WHEN 0 THEN 0 ELSE max(max_attempts, attempt + 1) END WHERE id = ?
            """, [time.microseconds, id])
        ended?.remove(bytes: try row.value(3))
        try trimEvents(of: id)  // what counts the events of the next attempt begins anew
        try add(StoredEvent(.queued), to: id, at: time)
        guard let waiting = try self.row("SELECT \(WaitingJob.columns) FROM jobs WHERE id = ?", [id]) else {
            throw JobsError.noSuchJob(id: id.description)
        }
        return try WaitingJob(waiting)
    }

    /// Forgets jobs that have ended; those that are unknown are forgotten already.
    ///
    /// - Returns: how many there were.
    /// - Throws: ``JobsError/invalidState(id:state:)``, before anything is written.
    func remove(_ ids: [JobID]) throws -> Int {
        for id in ids {
            guard let row = try row("SELECT state, finished_at FROM jobs WHERE id = ?", [id]) else { continue }
            guard try row.timestamp(1) != nil else {
                throw JobsError.invalidState(id: id.description, state: try row.state(0))
            }
        }
        try keepLastID(try lastID())
        return try ids.count { try forget($0) }
    }

    func forget(_ id: JobID) throws -> Bool {
        guard let row = try row("DELETE FROM jobs WHERE id = ? RETURNING bytes, state", [id]) else { return false }
        if try row.state(1) != .succeeded { forgottenInVain.append(id) }
        try run("DELETE FROM events WHERE job = ?", [id])
        try run("DELETE FROM attempts WHERE job = ?", [id])
        ended?.remove(bytes: try row.value(0))
        return true
    }

    private func didEnd(_ id: JobID) throws {
        guard ended != nil, let row = try row("SELECT bytes FROM jobs WHERE id = ?", [id]) else { return }
        ended?.add(bytes: try row.value(0))
    }

    // MARK: Numbers and settings

    /// The last number that a job has had, as far as it is recorded.
    func lastID() throws -> JobID {
        let recorded = try setting("last_id").flatMap { JobID($0) } ?? JobID(0)
        let highest = try row("SELECT max(id) FROM jobs", []).flatMap { try $0.value(0, as: Int64?.self) }
        return max(recorded, JobID(UInt64(bitPattern: highest ?? 0)))
    }

    func keepLastID(_ id: JobID) throws {
        try set("last_id", to: id.description)
    }

    func setting(_ name: String) throws -> String? {
        try row("SELECT value FROM settings WHERE name = ?", [name])?.value(0)
    }

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
    /// Set when nothing more will happen to the job.
    var finishedAt: Timestamp?
    /// What the job takes more than before, roughly.
    var bytes = 0
}
