import CorundLoop

/// The jobs whose time has come: who gets the next turn.
///
/// Of all jobs that their groups let start, the one that became ready first, where each point of priority counts as so
/// much waiting. All age alike, so that a job's key never changes, and whatever the priorities, every job's turn comes.
///
/// Each group has a heap of its jobs; the groups that may start one now are in a heap by the first of their jobs, and
/// those that wait for their rate in another by time: everything is O(log n) in jobs and groups. Pure.
struct ReadyQueue {
    private(set) var groups = GroupTable()
    /// Groups that may start their first job now.
    private var startable = KeyedHeap<JobGroup>()
    /// Groups whose rate permits their first job later.
    private var throttled = KeyedHeap<JobGroup>()
    /// Jobs that wait for nothing but their turn.
    private(set) var readyCount = 0
    /// Jobs that wait for predecessors.
    private(set) var heldCount = 0
    /// Whether everything is paused.
    private(set) var isPaused = false
    private var aging: Int64

    /// - Parameter agingStep: the waiting that one point of priority is worth.
    init(agingStep: Duration) {
        aging = Self.nanoseconds(agingStep)
    }

    var count: Int { readyCount + heldCount }

    /// Whether no job need ask: each may start if the daemon has room.
    var isOpen: Bool { readyCount == 0 && !isRestricted }

    /// Whether jobs must be counted in their groups while they run.
    var isRestricted: Bool { isPaused || groups.isRestricted }

    /// Whether `job` need not ask: nobody waits that could start, and its own group has no say.
    ///
    /// (Most jobs are of groups that nobody has set up; they are not to pay for those that somebody has.)
    func isOpen(to job: JobExecution) -> Bool {
        !isPaused && startable.isEmpty && groups[job.group]?.isRestricted != true
    }

    /// When a group that only its rate keeps closed opens next.
    var nextOpening: LoopTime? {
        isPaused ? nil : throttled.firstKey.map { LoopTime(nanoseconds: $0) }
    }

    /// Whether another job of that group could start now, if the daemon has room.
    func isOpen(to group: String, at now: LoopTime) -> Bool {
        guard !isPaused, startable.isEmpty else { return false }
        guard let group = groups[group] else { return true }
        return group.ready.isEmpty && group.opening(at: now) == .now
    }

    // MARK: Jobs come and go

    /// Counts a job in its group that waits for its time.
    mutating func join(_ job: JobExecution) {
        groups.join(job)
    }

    /// Counts a job in its group that has started without asking, from before it was restricted.
    mutating func adopt(_ job: JobExecution, at now: LoopTime) {
        guard job.joinedGroup == nil else { return }
        let group = groups.join(job)
        group.running += 1
        place(group, at: now)
    }

    /// A job whose time has come, and that waits for predecessors.
    mutating func hold(_ job: JobExecution) {
        groups.join(job).held += 1
        heldCount += 1
    }

    /// A job that was held waits for predecessors no more.
    mutating func release(_ job: JobExecution) {
        groups.join(job).held -= 1
        heldCount -= 1
    }

    /// A job that may have its turn, and may since `time`, also one before the loop's own beginning.
    mutating func insert(_ job: JobExecution, readySince time: LoopTime, at now: LoopTime) {
        insert(job, at: min(time, now).nanoseconds.addingSaturated(-Int64(job.priority) * aging), now)
    }

    private mutating func insert(_ job: JobExecution, at key: Int64, _ now: LoopTime) {
        let group = groups.join(job)
        group.ready.insert(job, at: key)
        readyCount += 1
        if group.ready.first === job { place(group, at: now) }
    }

    /// Takes a job out, wherever it is in the queue.
    ///
    /// - Returns: whether it was in it.
    @discardableResult
    mutating func remove(_ job: JobExecution, at now: LoopTime) -> Bool {
        guard let group = job.joinedGroup else { return false }
        let wasFirst = group.ready.first === job
        guard group.ready.remove(job) else { return false }
        readyCount -= 1
        if wasFirst { place(group, at: now) }
        return true
    }

    /// Takes out the job whose turn it is, and says where it was.
    mutating func popFirst(at now: LoopTime) -> (job: JobExecution, place: Place)? {
        guard !isPaused else { return nil }
        openThrottled(at: now)
        guard let group = startable.first, let key = group.ready.firstKey, let job = group.takeFirst(at: now) else {
            return nil
        }
        readyCount -= 1
        place(group, at: now)
        return (job, Place(key: key))
    }

    /// Where a job was in the queue, for ``takeBack(_:to:at:)``.
    struct Place {
        fileprivate let key: Int64
    }

    /// A job that ``popFirst(at:)`` has taken out does not use its turn: that is as if it had not been given.
    mutating func returnTurn(of job: JobExecution, at now: LoopTime) {
        guard let group = job.joinedGroup else { return }
        group.returnTurn()
        place(group, at: now)
        groups.leave(job)
    }

    /// Puts a job that has returned its turn where it was before.
    mutating func takeBack(_ job: JobExecution, to place: Place, at now: LoopTime) {
        insert(job, at: place.key, now)
    }

    /// An attempt of a job has ended.
    mutating func attemptEnded(_ job: JobExecution, at now: LoopTime) {
        guard let group = job.joinedGroup else { return }
        group.running -= 1
        if group.settings?.limit != nil { place(group, at: now) }
    }

    /// A job has come to its end, and is in the queue no more.
    ///
    /// Does nothing the second time.
    mutating func forget(_ job: JobExecution) {
        groups.leave(job)
    }

    /// Takes out all jobs that are not held.
    mutating func removeAll(at now: LoopTime) -> [JobExecution] {
        var jobs: [JobExecution] = []
        for group in groups.all {
            jobs += group.ready.removeAll()
            place(group, at: now)
        }
        readyCount = 0
        return jobs
    }

    // MARK: What is wanted of groups

    mutating func setAgingStep(_ step: Duration) {
        aging = Self.nanoseconds(step)
    }

    /// Sets what the administrator has decided, and lifts it from groups that are not named any more.
    mutating func apply(_ settings: [String: GroupSettings], at now: LoopTime) {
        let names = Set(groups.all.lazy.filter { $0.settings != nil }.map(\.name)).union(settings.keys)
        for name in names {
            place(groups.change(name) { $0.settings = settings[name] }, at: now)
        }
    }

    mutating func setPaused(_ isPaused: Bool, _ name: String, at now: LoopTime) {
        place(groups.change(name) { $0.isPaused = isPaused }, at: now)
    }

    /// Pauses or resumes everything, beside what holds for single groups.
    mutating func setPaused(_ isPaused: Bool) {
        self.isPaused = isPaused
    }

    // MARK: Groups among each other

    /// Puts a group where it belongs after its first job or what it permits has changed.
    private mutating func place(_ group: JobGroup, at now: LoopTime) {
        if !startable.remove(group) { throttled.remove(group) }
        guard let first = group.ready.firstKey else { return }
        switch group.opening(at: now) {
        case .now: startable.insert(group, at: first)
        case .at(let time): throttled.insert(group, at: time.nanoseconds)
        case .whenSomethingChanges: break
        }
    }

    private mutating func openThrottled(at now: LoopTime) {
        while let time = throttled.firstKey, time <= now.nanoseconds, let group = throttled.first {
            place(group, at: now)
        }
    }

    /// So bounded that keys stay apart under the highest and the lowest priority.
    private static func nanoseconds(_ agingStep: Duration) -> Int64 {
        min(max(agingStep.clampedNanoseconds, 0), .max / 512)
    }
}
