import CorundAPI
import CorundLoop

/// Groups: what the administrator has set, what an operator has paused, and how they stand.
extension Scheduler {
    /// Sets the limits and rates of groups by name; those that are not named lose theirs.
    func apply(settings: [String: GroupSettings]) {
        queue.apply(settings, at: loop.now)
        groupsChanged()
    }

    // MARK: Pausing

    /// Whether there is anything to pause by that name: a group that is used, set up or paused.
    func knowsGroup(_ name: String) -> Bool {
        queue.groups[name] != nil || runningJobs.contains { $0.group == name }
    }

    /// Lets no more jobs of a group start, or of any with nil; what runs goes on.
    func pause(_ group: String?) {
        if let group { queue.setPaused(true, group, at: loop.now) } else { queue.setPaused(true) }
        pausesChanged()
    }

    /// Ends ``pause(_:)`` of a group; with nil all pauses, also those of single groups.
    func resume(_ group: String?) {
        for name in group.map({ [$0] }) ?? pausedGroups { queue.setPaused(false, name, at: loop.now) }
        if group == nil { queue.setPaused(false) }
        pausesChanged()
    }

    /// The groups that are paused themselves.
    var pausedGroups: Set<String> { queue.groups.paused }

    /// Whether everything is paused.
    var isPaused: Bool { queue.isPaused }

    /// Pauses as in an earlier life of the daemon, and tells nobody.
    func restorePauses(of groups: Set<String>, allPaused: Bool) {
        for name in groups { queue.setPaused(true, name, at: loop.now) }
        queue.setPaused(allPaused)
        groupsChanged()
    }

    private func pausesChanged() {
        groupsChanged()
        onPausedChanged(pausedGroups, isPaused)
    }

    /// Counts what has started unasked as soon as somebody has to ask, and starts what may start now.
    private func groupsChanged() {
        if queue.isRestricted { for job in runningJobs { queue.adopt(job, at: loop.now) } }
        startNext()
    }

    // MARK: How they stand

    /// The groups that have settings, jobs that run or are queued, or are paused, by name.
    var groups: [Group] {
        var running: [String: Int] = [:]
        for job in runningJobs { running[job.group, default: 0] += 1 }
        let known = queue.groups.all.filter { $0.isRestricted || $0.queued > 0 }
        return Set(known.map(\.name)).union(running.keys).sorted().map { name in
            let group = queue.groups[name]
            return Group(
                name: name, running: running[name, default: 0], queued: group?.queued ?? 0,
                limit: group?.settings?.limit, paused: isPaused || group?.isPaused == true)
        }
    }
}
