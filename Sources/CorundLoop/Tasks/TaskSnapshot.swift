/// What is known of a task at one moment: see ``EventLoop/allTasks()``.
public struct TaskSnapshot: Sendable, Hashable, Identifiable {
    /// What a task is about.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Its code is being run.
        case running
        /// It waits for nothing but its turn.
        case ready
        /// It waits for something to happen, or for work of its own elsewhere: a child task, another actor. (Half of the
        /// way through a `Task.yield()`, which Swift takes by a job that does not say whose it is, looks the same.)
        case waiting
    }

    /// A number that no other task of the loop has or had; tasks made later have greater ones.
    public var id: UInt64
    /// For people; not unique.
    public var name: String
    /// The task that made it, which may have ended since; nil where it was made by none: by a callback, or outside.
    public var parent: UInt64?
    /// What it is about.
    public var state: State
    /// How long it has existed, counted from the tick in which it was made.
    public var age: Duration
    /// `file:line` where it was made.
    public var createdAt: String
    /// For how long it has held the loop, without its child tasks, since it was made or debug mode was turned on; nil
    /// unless the loop is in debug mode.
    public var loopTime: Duration?

    /// A snapshot of these values.
    public init(
        id: UInt64, name: String, parent: UInt64? = nil, state: State, age: Duration, createdAt: String,
        loopTime: Duration? = nil
    ) {
        self.id = id
        self.name = name
        self.parent = parent
        self.state = state
        self.age = age
        self.createdAt = createdAt
        self.loopTime = loopTime
    }
}

extension EventLoop {
    /// The tasks of the loop that have not ended, in the order in which they were made, as `asyncio.all_tasks`.
    ///
    /// These are the tasks that ``spawn(name:context:fileID:line:_:)`` and runners made. Tasks that Swift makes of its
    /// own (`async let`, groups, `Task {}`) count as a part of nothing.
    ///
    /// On the loop's thread. It takes time in proportion to the tasks and to the work that is ready.
    public func allTasks() -> [TaskSnapshot] {
        let present = now
        let current = currentItem?.taskIdentity
        let ready = Set(readyItems().compactMap(\.taskIdentity))
        return tasks.live.sorted { $0.id < $1.id }.map { record in
            let state: TaskSnapshot.State =
                record.identity.map { $0 == current ? .running : ready.contains($0) ? .ready : .waiting } ?? .ready
            return TaskSnapshot(
                id: record.id, name: record.name, parent: record.parent == 0 ? nil : record.parent, state: state,
                age: present.duration(since: record.madeAt), createdAt: record.createdAt,
                loopTime: debugRecords?.loopTime(of: record))
        }
    }
}
