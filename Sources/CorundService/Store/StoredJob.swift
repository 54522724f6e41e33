import CorundAPI
import Varlink

/// A detached job as the store has it: what the wire says of it, and what the daemon needs to know besides.
struct StoredJob: Sendable, Equatable {
    var id: JobID
    var job: Job
    var timeoutMilliseconds: Int?
    /// Whether it is to survive the daemon.
    var isDurable = true
    /// Whether `job.notBefore` was counted from another point in time, and not given as a time of day.
    var isDelay = false
    /// When it began to wait for its turn.
    var readyAt: Timestamp
}

/// What the daemon needs to know of a job that waits: no more, because a million may wait.
struct WaitingJob: Sendable, Equatable {
    var id: JobID
    var kind: String
    var state: JobState
    var group: String
    var priority: Int
    var attempt: Int
    var maxAttempts: Int
    var crashes: Int
    var isDurable: Bool
    var timeoutMilliseconds: Int?
    var readyAt: Timestamp
    var notBefore: Timestamp?
    var isDelay: Bool
    /// The user who has submitted it.
    var owner: UInt32
    var predecessors: [JobID] = []
}

/// What a handler needs of a job that waited on disk.
struct JobPayload: Sendable, Equatable {
    var arguments: RawJSON
    var context: String
}

extension WaitingJob {
    /// A job that was just recorded.
    init(_ stored: StoredJob) {
        let job = stored.job
        self.init(
            id: stored.id, kind: job.job, state: job.state, group: job.group, priority: job.priority,
            attempt: job.attempt, maxAttempts: job.maxAttempts, crashes: 0, isDurable: stored.isDurable,
            timeoutMilliseconds: stored.timeoutMilliseconds, readyAt: stored.readyAt, notBefore: job.notBefore,
            isDelay: stored.isDelay, owner: UInt32(truncatingIfNeeded: job.ownerUID),
            predecessors: (job.after ?? []).compactMap { JobID($0) })
    }
}
