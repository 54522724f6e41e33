/// The jobs that have had their turn and not come to their end.
struct RunningJobs {
    private var slots: [JobExecution?] = []
    private var freeSlots: [Int32] = []

    var count: Int { slots.count - freeSlots.count }

    /// In no order.
    var all: [JobExecution] { slots.compactMap(\.self) }

    mutating func insert(_ job: JobExecution) {
        let slot = freeSlots.popLast() ?? Int32(slots.count)
        if slot == slots.count { slots.append(job) } else { slots[Int(slot)] = job }
        job.runningSlot = slot
    }

    mutating func remove(_ job: JobExecution) {
        guard let slot = job.runningSlot else { return }
        job.runningSlot = nil
        slots[Int(slot)] = nil
        freeSlots.append(slot)
    }
}
