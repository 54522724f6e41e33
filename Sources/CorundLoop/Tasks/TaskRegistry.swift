/// What a loop knows of one of its tasks while it lives.
package final class TaskRecord: @unchecked Sendable {
    // SAFETY: the task's closure carries the record onto the loop; it is read and changed on the loop's thread alone.

    /// For people; not unique.
    package let name: String
    /// `file:line` where the task was made.
    package let createdAt: String
    /// What the task ended with, when that was an error.
    package internal(set) var failure: (any Error)?
    var cancel: () -> Void = {}
    /// Called once, when the task has ended and is out of the registry.
    var whenEnded: (() -> Void)?
    fileprivate var slot: Int?

    package init(name: String, createdAt: String) {
        self.name = name
        self.createdAt = createdAt
    }
}

/// The live tasks of a loop, in slots that are used again: entry and exit cost no hashing and, in the long run, no
/// allocation.
package struct TaskRegistry {
    private var slots: [TaskRecord?] = []
    private var free: [Int] = []

    package var count: Int { slots.count - free.count }
    package var live: [TaskRecord] { slots.compactMap(\.self) }

    mutating func insert(_ record: TaskRecord) {
        if let slot = free.popLast() {
            slots[slot] = record
            record.slot = slot
        } else {
            record.slot = slots.count
            slots.append(record)
        }
    }

    mutating func remove(_ record: TaskRecord) {
        guard let slot = record.slot else { return }
        record.slot = nil
        slots[slot] = nil
        free.append(slot)
    }
}
