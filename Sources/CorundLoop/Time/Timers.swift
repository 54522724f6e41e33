/// The timers that a loop waits for: by deadline, equal ones in the order in which they were set.
struct Timers {
    private var heap = KeyedHeap<TimerHandle>()
    private var lastRank: UInt64 = 0

    var count: Int { heap.count }
    var nextDeadline: LoopTime? { heap.firstKey.map { LoopTime(nanoseconds: $0) } }
    /// In no order.
    var elements: [TimerHandle] { heap.elements }

    mutating func insert(_ timer: TimerHandle) {
        lastRank += 1
        timer.rank = lastRank
        heap.insert(timer, at: timer.deadline.nanoseconds)
    }

    mutating func remove(_ timer: TimerHandle) {
        heap.remove(timer)
    }

    /// Takes out the first timer that is due at `now`.
    mutating func popDue(at now: LoopTime) -> TimerHandle? {
        guard let nextDeadline, nextDeadline <= now else { return nil }
        return heap.popFirst()
    }

    /// Takes out all timers, in no order.
    mutating func removeAll() -> [TimerHandle] {
        heap.removeAll()
    }
}
