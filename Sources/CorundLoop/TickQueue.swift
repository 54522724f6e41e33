/// What a loop runs in this tick, and what comes in for the next one.
///
/// Two arrays take turns: a tick runs exactly what was there when it began.
struct TickQueue {
    /// What the next tick runs.
    private(set) var next: [ReadyItem] = []
    private var spare: [ReadyItem] = []
    /// What this tick runs, and how much of it has begun: for whoever looks at the loop from inside of it.
    private var batch = UnsafeBufferPointer<ReadyItem>(start: nil, count: 0)
    private(set) var begun = 0

    /// Storage for more items than that is given back after a tick.
    static let keptCapacity = 1 << 16

    mutating func append(_ item: ReadyItem) {
        next.append(item)
    }

    mutating func append(contentsOf items: [ReadyItem]) {
        next.append(contentsOf: items)
    }

    /// Takes what a tick is to run; its storage is to be given back with ``reuse(_:)``.
    mutating func takeBatch() -> [ReadyItem] {
        var batch: [ReadyItem] = []
        swap(&batch, &spare)
        swap(&batch, &next)
        return batch
    }

    /// The tick runs these from now on, one after the other.
    ///
    /// - Parameter items: must stay where they are until ``end()``.
    mutating func begin(_ items: UnsafeBufferPointer<ReadyItem>) {
        batch = items
        begun = 0
    }

    /// The next one's turn has come.
    mutating func beginItem() {
        begun &+= 1
    }

    /// The tick has run all of them.
    mutating func end() {
        batch = UnsafeBufferPointer(start: nil, count: 0)
    }

    /// Lets go of what a tick has run.
    ///
    /// Not while the queue is being changed: what an item kept alive may hand in more when it goes.
    static func letGo(of batch: inout [ReadyItem]) {
        guard batch.capacity <= keptCapacity else { return batch = [] }
        // One by one: `removeAll(keepingCapacity: true)` costs a loop with little to do more than the rest of its tick.
        while batch.popLast() != nil {}
    }

    /// Takes storage for a later tick.
    mutating func reuse(_ storage: inout [ReadyItem]) {
        swap(&storage, &spare)
    }

    /// Lets go of what would run next, and gives it back.
    mutating func removeAll() -> [ReadyItem] {
        defer { next = [] }
        return next
    }

    /// What is being run now.
    var current: ReadyItem? { batch.isEmpty ? nil : batch[begun - 1] }

    /// What waits for nothing but its turn.
    var waiting: [ReadyItem] { batch.dropFirst(begun) + next }

    /// How much that is.
    var waitingCount: Int { batch.count - min(begun, batch.count) + next.count }
}
