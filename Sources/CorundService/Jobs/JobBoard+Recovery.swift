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
        var successors: [(job: DetachedJob, due: DueTime?, predecessors: [JobID])] = []
        crashPolicies = try setting(Self.unusualPolicies) ?? [:]
        keepCrashPolicies()
        let plan = Recovery(policies: crashPolicies, crashLimit: crashLimit)
        var settled: [(WaitingJob, Recovery.Decision)] = []
        try store.recover(plan, at: now, settled: { settled.append(($0, $1)) }) { row in
            let kind = kinds.kind(ofRecorded: row.kind)
            let job = DetachedJob(row, kind: kind, hasLastChance: plan.isLastChance(row), board: self)
            live[row.id] = job
            if kind.isGone { unknown[row.kind, default: 0] += 1 }
            if row.predecessors.isEmpty {
                waiting.append((job, dueAgain(row)))
            } else {
                successors.append((job, dueAgain(row), row.predecessors))
            }
        }
        for (job, decision) in settled {
            log.recovered(job, decision, runsProgram: kinds.kinds[job.kind]?.runsProgram == true)
        }
        scheduler.gather()
        for (job, due) in waiting { scheduler.admit(job, due: due) }
        try admit(successors)
        scheduler.release()
        logRecovery(live.count, unknown)
    }

    private func dueAgain(_ job: WaitingJob) -> DueTime? {
        job.state == .scheduled
            ? DueTime(of: job, ClockReading(wallClock, scheduler.loop)) : .wallClock(job.readyAt)
    }

    /// Asks what their predecessors have come to before it tells any of them, whose end may be that: the record does not
    /// know of it yet, and whoever waits for them in turn must be there to hear of it.
    private func admit(_ successors: [(job: DetachedJob, due: DueTime?, predecessors: [JobID])]) throws {
        let ended = Set(successors.lazy.flatMap(\.predecessors).filter { self.live[$0] == nil }).sorted()
        let states = try store.statesNow(of: ended)
        for (job, due, predecessors) in successors { scheduler.admit(job, due: due, after: predecessors) }
        for id in ended { scheduler.predecessorEnded(id, states[id] ?? .succeeded) }
    }

    private func logRecovery(_ count: Int, _ unknown: [String: Int]) {
        if count > 0 { logger.notice("\(count.counting("job was", "jobs were")) taken over from an earlier daemon") }
        logUnknown(unknown)
    }

    private func logUnknown(_ counts: [String: Int]) {
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
            let jobs = count.counting("job of the kind \(kind) waits", "jobs of the kind \(kind) wait")
            logger.warning("\(jobs) until there is such a kind again")
        }
    }

    /// Puts other kinds in force; jobs that wait are run as these say.
    func replaceKinds(with registry: JobRegistry) {
        kinds.replace(with: registry)
        keepCrashPolicies()
        scheduler.kindsChanged()
        guard kinds.hasGone else { return }
        logUnknown(live.values.reduce(into: [:]) { if $1.kind.isGone { $0[$1.kind.name, default: 0] += 1 } })
    }

    /// Records which kinds have another policy than to run again, before a job of theirs begins: a daemon that has lost a
    /// kind must not run its jobs twice either, should it come back.
    private func keepCrashPolicies() {
        let before = crashPolicies.filter { $0.value != .rerun }
        crashPolicies.merge(kinds.kinds.mapValues(\.options.crashPolicy)) { $1 }
        let after = crashPolicies.filter { $0.value != .rerun }
        guard after != before, let text = try? StoreText.json(after) else { return }
        store.set(Self.unusualPolicies, to: text)
    }

    /// A setting that is JSON; nil when there is none.
    private func setting<Value: Decodable>(_ name: String) throws -> Value? {
        try store.settingNow(name).flatMap { try? RawJSON(validating: $0).decode() }
    }

    /// Restores what an operator has paused, and keeps it from now on.
    ///
    /// - Throws: what the database throws.
    func recoverPauses() throws {
        let names: [String]? = try setting(Self.pausedGroups)
        let isPaused = try store.settingNow(Self.isPaused) == "true"
        scheduler.restorePauses(of: Set(names ?? []), allPaused: isPaused)
        if isPaused { logger.notice("everything is paused, as an operator has wanted; `corund-ctl resume` ends that") }
        scheduler.onPausedChanged = { [store] groups, isPaused in
            guard let names = try? StoreText.json(groups.sorted()) else { return }
            store.set(Self.pausedGroups, to: names)
            store.set(Self.isPaused, to: "\(isPaused)")
        }
    }

    private static var unusualPolicies: String { "crash_policies" }
    private static var pausedGroups: String { "paused_groups" }
    private static var isPaused: String { "paused" }
}
