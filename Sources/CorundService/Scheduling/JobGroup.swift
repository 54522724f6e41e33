import CorundLoop

/// The jobs of one group that wait for their turn, and when the next of them may have it.
///
/// It belongs to a ``ReadyQueue``, which is told of each change.
final class JobGroup: KeyedHeapElement {
    /// When the group lets its next job start.
    enum Opening: Equatable {
        case now
        /// Its rate permits none before.
        case at(LoopTime)
        /// When somebody resumes it, or one of its jobs ends.
        case whenSomethingChanges
    }

    let name: String
    var settings: GroupSettings? {
        didSet { starts = settings?.rate.map { StartWindow($0, after: starts) } }
    }
    var isPaused = false
    /// Those that wait for nothing but their turn.
    var ready = KeyedHeap<JobExecution>()
    /// Those whose time has come and that wait for predecessors.
    var held = 0
    var running = 0
    /// Jobs of it that have not ended, as far as they are counted (see ``ReadyQueue/adopt(_:at:)``).
    var members = 0
    private var starts: StartWindow?
    var heapIndex: Int32?

    init(name: String) {
        self.name = name
    }

    /// As the first of its jobs, by which the queue compares it with others.
    var rank: UInt64 { ready.first?.id.number ?? 0 }

    var queued: Int { ready.count + held }

    /// Whether nobody would miss it.
    var isUnused: Bool { members == 0 && settings == nil && !isPaused }

    /// Whether it may keep a job from starting that the whole daemon has room for.
    var isRestricted: Bool { settings != nil || isPaused }

    func opening(at now: LoopTime) -> Opening {
        if isPaused { return .whenSomethingChanges }
        if let limit = settings?.limit, running >= limit { return .whenSomethingChanges }
        if let next = starts?.nextStart, next > now { return .at(next) }
        return .now
    }

    /// Takes out the job that gets the group's next turn.
    func takeFirst(at now: LoopTime) -> JobExecution? {
        guard let job = ready.popFirst() else { return nil }
        running += 1
        starts?.record(now)
        return job
    }

    /// The job that got the last turn does not begin.
    func returnTurn() {
        running -= 1
        starts?.takeBackLast()
    }
}
