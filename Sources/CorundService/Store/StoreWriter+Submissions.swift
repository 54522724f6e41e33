import CorundAPI
import Foundation
import GRDB
import Varlink

/// Recording jobs that are submitted.
extension StoreWriter {
    /// What became of one of several submissions.
    enum Insertion: Sendable, Equatable {
        case created
        /// A job has its key already.
        case existing(JobID)
    }

    /// Records all of the jobs, which are of one user, or none.
    ///
    /// - Throws: ``KeyConflict``, before anything is written.
    func insert(_ jobs: [StoredJob]) throws -> [Insertion] {
        var keys: Set<[UInt8]> = []  // as SQLite compares them: to Swift, accents may be spelled in several ways
        let outcomes = try jobs.enumerated().map { index, job in
            guard let key = job.job.key else { return Insertion.created }
            if let id = try existing(key: key, job.job, index) { return .existing(id) }
            guard keys.insert(Array(key.utf8)).inserted else { throw KeyConflict(index: index) }
            return .created
        }
        for (job, outcome) in zip(jobs, outcomes) where outcome == .created { try insert(job) }
        return outcomes
    }

    private func existing(key: String, _ job: Job, _ index: Int) throws -> JobID? {
        let sql = "SELECT id, kind, arguments FROM jobs WHERE owner_uid = ? AND job_key = ?"
        guard let row = try row(sql, [job.ownerUID, key]) else { return nil }
        guard try row.value(1) == job.job, try row.json(2) ?? .emptyObject == job.arguments ?? .emptyObject else {
            throw KeyConflict(index: index)
        }
        return try row.id(0)
    }

    private func insert(_ stored: StoredJob) throws {
        let job = stored.job
        let predecessors = try job.after.map(StoreText.json)
        let labels = try job.labels.isEmpty ? nil : StoreText.json(job.labels)
        let texts = [job.key, job.context, job.group, predecessors, labels].compactMap(\.self)
        let bytes = texts.reduce(Self.rowSize + (job.arguments?.bytes.count ?? 0)) { $0 + $1.utf8.count }
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
                job.ownerUID, job.context, job.key, predecessors, labels, bytes, job.arguments.map { Data($0.bytes) },
            ])
        try run(
            "INSERT INTO events (job, sequence, at, type, text) VALUES (?, 1, ?, 0, ?)",
            [stored.id, job.submittedAt.microseconds, job.state.rawValue])
    }

    /// What a row takes beside what it was given.
    private static let rowSize = 256
}

/// A key that another job, or another of the submissions, has.
struct KeyConflict: Error, Equatable {
    /// Of the submission.
    let index: Int
}
