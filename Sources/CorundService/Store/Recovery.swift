import CorundAPI
import GRDB

/// What becomes of jobs that another daemon has left unfinished.
///
/// Pure.
struct Recovery: Sendable {
    /// The policies of the kinds that there are.
    let policies: [String: CrashPolicy]
    /// Daemons that may die under a job before it is held.
    let crashLimit: Int

    enum Decision: Equatable {
        /// It waits on, as it was.
        case wait
        /// It waits for another attempt.
        case rerun
        /// It has ended.
        case end(JobState, Failure)
    }

    /// What becomes of `job`, as it was left: its crashes are without the last one.
    func decide(_ job: WaitingJob) -> Decision {
        switch job.state {
        case .scheduled, .queued: job.isDurable ? .wait : .end(.interrupted, failure(of: job, Self.notDurable))
        case .running, .interrupted: decideAboutInterrupted(job)
        case .succeeded, .failed, .cancelled, .timedOut: .wait
        }
    }

    private func decideAboutInterrupted(_ job: WaitingJob) -> Decision {
        guard job.isDurable else { return .end(.interrupted, failure(of: job, Self.notDurable)) }
        let event = job.state == .running ? "the daemon died" : "the daemon ended"
        if job.state == .running, job.crashes + 1 >= crashLimit {
            return .end(
                .interrupted, failure(of: job, "held: \(Self.deaths(job.crashes + 1)) while it ran; \(Self.remedy)"))
        }
        switch policies[job.kind] ?? .rerun {
        case .rerun: return .rerun
        case .fail: return .end(.failed, failure(of: job, "\(event) while it ran, and it must not run twice"))
        case .hold: return .end(.interrupted, failure(of: job, "held: \(event) while it ran; \(Self.remedy)"))
        }
    }

    /// Whether a job that goes on would be held after one more crash, and has had one.
    func isLastChance(_ job: WaitingJob) -> Bool { job.crashes > 0 && job.crashes + 1 >= crashLimit }

    private static func deaths(_ count: Int) -> String { count.counting("daemon died", "daemons died") }
    private static let notDurable = "the daemon ended, and jobs of this kind do not survive it"
    private static let remedy = "`corund-ctl retry` runs it again"

    private func failure(of job: WaitingJob, _ message: String) -> Failure {
        Failure(kind: "Interrupted", message: message, attempt: max(1, job.attempt))
    }
}

extension StoreWriter {
    /// Hands on what waits, as their turns are to come, after what was left is as `plan` decides.
    func recover(
        _ plan: Recovery, at now: Timestamp, settled: (WaitingJob, Recovery.Decision) -> Void = { _, _ in },
        _ body: (WaitingJob) -> Void
    ) throws {
        var decisions: [(WaitingJob, Recovery.Decision)] = []
        try inTransaction {
            decisions = try interrupted().map { ($0, plan.decide($0)) }
            for (job, decision) in decisions { try settle(job, decision, now) }
        }
        for (job, decision) in decisions { settled(job, decision) }
        try forEachUnfinished(body)
    }

    private func settle(_ job: WaitingJob, _ decision: Recovery.Decision, _ now: Timestamp) throws {
        let crashes = job.crashes + (job.state == .running ? 1 : 0)
        if job.state == .running { try archiveAttempt(of: job.id, .interrupted, nil, at: now) }
        switch decision {
        case .wait: return
        case .rerun:
            // A crash was no fault of the attempt that it has ended: another one is allowed, and people are told so.
            try run(
                """
                UPDATE jobs SET state = 'queued', crashes = ?, \
                max_attempts = CASE max_attempts WHEN 0 THEN 0 ELSE max(max_attempts, attempt + 1) END WHERE id = ?
                """, [crashes, job.id])
            try trimEvents(of: job.id)  // what counts the events of the next attempt begins anew
            try add(StoredEvent(.queued), to: job.id, at: now)
        case .end(let state, let failure):
            try run(
                "UPDATE jobs SET state = ?, crashes = ?, failure = ?, finished_at = ? WHERE id = ?",
                [state.rawValue, crashes, try StoreText.json(failure), now.microseconds, job.id])
            try add(StoredEvent(state), to: job.id, at: now)
        }
    }

    /// All but those that simply wait on.
    private func interrupted() throws -> [WaitingJob] {
        try rows(
            """
            SELECT \(WaitingJob.columns) FROM jobs \
            WHERE finished_at IS NULL AND (state NOT IN ('scheduled', 'queued') OR durable = 0) ORDER BY id
            """, []
        ).map(WaitingJob.init)
    }

    /// In the order of the queue: the first ones find room, and start before the others are there.
    private func forEachUnfinished(_ body: (WaitingJob) -> Void) throws {
        let sql = """
            SELECT \(WaitingJob.columns) FROM jobs WHERE finished_at IS NULL ORDER BY priority DESC, ready_at, id
            """
        let cursor = try Row.fetchCursor(database, sql: sql)
        while let row = try cursor.next() { body(try WaitingJob(row)) }
    }
}
