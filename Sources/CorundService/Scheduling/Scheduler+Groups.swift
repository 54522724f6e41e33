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
        onStateChanged?()
    }

    /// Counts what has started unasked as soon as somebody has to ask, and starts what may start now.
    private func groupsChanged() {
        if queue.isRestricted { for job in runningJobs { queue.adopt(job, at: loop.now) } }
        startNext()
    }

    // MARK: How they stand

    /// The groups that ``groupListing`` has, by name.
    var groups: [Group] { groupListing.all }

    /// The groups that have settings, jobs that run or are queued, or are paused.
    var groupListing: GroupListing {
        let running = RunningByGroup(runningJobs, queue.groups)
        var managed: [Group] = []
        var others = running.uncounted.map { name, running in
            Group(name: name, running: running, queued: 0, limit: nil, paused: isPaused)
        }
        for group in queue.groups.all {
            let count = running.counted[ObjectIdentifier(group), default: 0]
            guard group.isRestricted || group.queued > 0 || count > 0 else { continue }
            let listed = Group(
                name: group.name, running: count, queued: group.queued, limit: group.settings?.limit,
                paused: isPaused || group.isPaused)
            if group.isRestricted { managed.append(listed) } else { others.append(listed) }
        }
        return GroupListing(managed: managed, others: others)
    }
}

/// How many jobs of each group run.
private struct RunningByGroup {
    /// Of groups that the table has: by identity, as to hash thousands of long names would hold the loop.
    private(set) var counted: [ObjectIdentifier: Int] = [:]
    /// Of groups that have nothing but jobs that have started without asking, by name.
    private(set) var uncounted: [String: Int] = [:]

    init(_ jobs: [JobExecution], _ table: GroupTable) {
        for job in jobs {
            if let group = job.joinedGroup ?? table[job.group] {
                counted[ObjectIdentifier(group), default: 0] += 1
            } else {
                uncounted[job.group, default: 0] += 1
            }
        }
    }
}
