import CorundAPI
import CorundLoop

/// The jobs that wait for their time.
///
/// They are many and seldom due, so that a place in a heap is all that each costs, and one timer serves them all. Pure.
struct Agenda {
    /// By nanoseconds of the loop's clock.
    private var byLoopTime = KeyedHeap<JobExecution>()
    /// By microseconds of the wall clock.
    private var byWallClock = KeyedHeap<JobExecution>()
    /// The last that is known of the wall clock; to be set when somebody has set that.
    var clocks: ClockReading

    init(_ clocks: ClockReading) {
        self.clocks = clocks
    }

    var count: Int { byLoopTime.count + byWallClock.count }

    /// When the next job is due; nil when none waits.
    var nextDue: LoopTime? {
        switch (nextByLoopTime, nextByWallClock) {
        case (let first?, let second?): min(first, second)
        case (let only?, nil), (nil, let only?): only
        case (nil, nil): nil
        }
    }

    mutating func insert(_ job: JobExecution, at time: DueTime) {
        switch time {
        case .loopTime(let time): byLoopTime.insert(job, at: time.nanoseconds)
        case .wallClock(let time): byWallClock.insert(job, at: time.microseconds)
        }
    }

    /// - Returns: whether the job was there.
    @discardableResult
    mutating func remove(_ job: JobExecution) -> Bool {
        byLoopTime.remove(job) || byWallClock.remove(job)
    }

    /// Takes out the first job that is due at `now`, and says since when.
    mutating func popDue(at now: LoopTime) -> (job: JobExecution, since: LoopTime)? {
        guard let since = nextDue, since <= now else { return nil }
        let job = nextByLoopTime == since ? byLoopTime.popFirst() : byWallClock.popFirst()
        return job.map { ($0, since) }
    }

    /// Takes out all jobs, in no order.
    mutating func removeAll() -> [JobExecution] {
        byLoopTime.removeAll() + byWallClock.removeAll()
    }

    /// When `time` comes, or came.
    func loopTime(of time: DueTime) -> LoopTime {
        switch time {
        case .loopTime(let time): time
        case .wallClock(let time): clocks.loopTime(of: time)
        }
    }

    private var nextByLoopTime: LoopTime? { byLoopTime.firstKey.map { LoopTime(nanoseconds: $0) } }

    private var nextByWallClock: LoopTime? {
        byWallClock.firstKey.map { clocks.loopTime(of: Timestamp(microseconds: $0)) }
    }
}
