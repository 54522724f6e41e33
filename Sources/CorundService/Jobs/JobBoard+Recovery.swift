import CorundAPI
import CorundLoop
import Logging
import Varlink

/// What an earlier daemon has left.
extension JobBoard {
    /// Takes over the jobs that have not ended, in the order in which they would have had their turns.
    ///
    /// - Throws: ``StoreError``.
    func recover(crashLimit: Int) throws {
        var unknown: [String: Int] = [:]
        var waiting: [(DetachedJob, DueTime?)] = []
        var successors: [(DetachedJob, DueTime?, [JobID])] = []
        let plan = Recovery(policies: registry.kinds.mapValues(\.options.crashPolicy), crashLimit: crashLimit)
        try store.recover(plan, at: now) { row in
            let kind = registry.kinds[row.kind]
            let job = DetachedJob(row, kind: kind ?? .unknown(row.kind), board: self)
            live[row.id] = job
            if kind == nil {
                unknown[row.kind, default: 0] += 1
            } else if row.predecessors.isEmpty {
                waiting.append((job, dueAgain(row)))
            } else {
                successors.append((job, dueAgain(row), row.predecessors))
            }
        }
        scheduler.gather()
        for (job, due) in waiting { scheduler.admit(job, due: due) }
        for (job, due, predecessors) in successors { try admit(job, due, after: predecessors) }
        scheduler.release()
        logRecovery(waiting.count + successors.count, unknown)
    }

    private func dueAgain(_ job: WaitingJob) -> DueTime? {
        job.state == .scheduled
            ? DueTime(of: job, ClockReading(wallClock, scheduler.loop)) : .wallClock(job.readyAt)
    }

    private func admit(_ job: DetachedJob, _ due: DueTime?, after predecessors: [JobID]) throws {
        let states = try store.statesNow(of: predecessors.filter { live[$0] == nil })
        scheduler.admit(job, due: due, after: predecessors)
        for id in predecessors where live[id] == nil { scheduler.predecessorEnded(id, states[id] ?? .succeeded) }
    }

    private func logRecovery(_ count: Int, _ unknown: [String: Int]) {
        if count > 0 { logger.notice("\(count) jobs were taken over from an earlier daemon") }
        for (kind, count) in unknown.sorted(by: { $0.key < $1.key }) {
            logger.warning("\(count) jobs of the kind \(kind) wait until there is such a kind again")
        }
    }

    /// Restores what an operator has paused, and keeps it from now on.
    ///
    /// - Throws: what the database throws.
    func recoverPauses() throws {
        let names = try store.settingNow(Self.pausedGroups).flatMap { text in
            try? RawJSON(validating: text).decode([String].self)
        }
        let isPaused = try store.settingNow(Self.isPaused) == "true"
        scheduler.restorePauses(of: Set(names ?? []), allPaused: isPaused)
        scheduler.onPausedChanged = { [store] groups, isPaused in
            guard let names = try? StoreText.json(groups.sorted()) else { return }
            store.set(Self.pausedGroups, to: names)
            store.set(Self.isPaused, to: "\(isPaused)")
        }
    }

    private static var pausedGroups: String { "paused_groups" }
    private static var isPaused: String { "paused" }
}

extension RegisteredKind {
    /// A kind that jobs on disk have, and the daemon does not know: they wait, and can be cancelled.
    fileprivate static func unknown(_ name: String) -> RegisteredKind {
        RegisteredKind(name: name, options: KindOptions(), check: { _ in }, run: { _, _ in .emptyObject })
    }
}
