/// What a loop knows of one of its tasks while it lives; at the same time, the place that the task's code is at.
@usableFromInline
package final class TaskRecord: EnteredContext, @unchecked Sendable {
    // SAFETY: the task's closure carries the record onto the loop; it is read and changed on the loop's thread alone,
    // save `notice`, which is atomic, and `failure`, which is not changed any more when `notice` has told of it.

    /// The name that the host's program gave it, if any: the runtime is told that one too.
    @usableFromInline let givenName: String?
    let role: Role

    /// What a task is there for.
    @usableFromInline
    package enum Role: String {
        /// Spawned by the host's program.
        case task
        /// The body of a run.
        case main
        /// A step of a close.
        case shutdown
    }

    /// Where the task was made.
    let site: CreationSite
    /// A number that no other task of the loop has or had; given by the registry.
    package fileprivate(set) var id: UInt64 {
        get { task }
        set { task = newValue }
    }
    /// That of the task that made it; zero: none.
    var parent: UInt64 = 0
    var madeAt = LoopTime(nanoseconds: 0)
    /// There from when it has been made to its end.
    var swiftTask: ErasedTask?
    /// What the task ended with, when that was an error.
    package internal(set) var failure: (any Error)?
    /// Whether a close of a runner waits for it no more.
    package var isGivenUp = false
    /// Whether a run of the loop ends with this task and others like it.
    var isAwaited = false
    private let notice = FailureNotice()
    fileprivate var slot: Int32 = -1

    /// That of a task in `context`; when absent, in a copy of the current one.
    @usableFromInline
    package init(
        in context: Context?, name: String? = nil, role: Role = .task, fileID: StaticString = #fileID,
        line: UInt = #line
    ) {
        givenName = name
        self.role = role
        site = CreationSite(fileID, line)
        if let context { super.init(context: context) } else { super.init(inCopyOf: Context.entered) }
    }

    /// For people; not unique.
    package var name: String { givenName ?? (role == .task ? "task-\(id)" : role.rawValue) }

    /// `file:line` where the task was made.
    package var createdAt: String { site.description }

    /// Whether it is not a step of a close.
    package var isOfTheProgram: Bool { role != .shutdown }

    /// Whether it has been started and has not ended.
    package var isLive: Bool { slot >= 0 }

    /// Asks the task to end.
    package func cancel() {
        swiftTask?.cancel()
    }

    /// Whether someone has.
    package var isCancelled: Bool { swiftTask?.isCancelled ?? false }

    /// The report that is due when `fact` makes it a failure which nobody will hear of.
    func note(_ fact: FailureNotice.Fact) -> ExceptionReport? {
        guard notice.note(fact) else { return nil }
        return ExceptionReport(
            message: "the error of a task was never retrieved", error: failure, taskName: name, createdAt: createdAt)
    }

    /// Nobody will ask for the result of the task, which has not ended: if it fails, that is reported.
    package func handleIsGone() {
        _ = note(.handleGone)
    }

    /// The caller tells of a failure of the task, which then is not reported otherwise.
    package func claimFailure() {
        _ = note(.observed)
    }
}

/// The live tasks of a loop, in slots that are used again: entry and exit cost no hashing and, in the long run, no
/// allocation.
struct TaskRegistry {
    private var slots: [TaskRecord?] = []
    private var free: [Int32] = []
    private var lastID: UInt64 = 0

    var count: Int { slots.count - free.count }
    var live: [TaskRecord] { slots.compactMap(\.self) }

    mutating func insert(_ record: TaskRecord) {
        lastID &+= 1
        record.id = lastID
        if let slot = free.popLast() {
            slots[Int(slot)] = record
            record.slot = slot
        } else {
            record.slot = Int32(slots.count)
            slots.append(record)
        }
    }

    mutating func remove(_ record: TaskRecord) {
        guard record.isLive else { return }
        slots[Int(record.slot)] = nil
        free.append(record.slot)
        record.slot = -1
    }
}
