/// A task, whatever its result is.
///
/// (A closure that cancels it would be one more allocation for each task.)
@usableFromInline
struct ErasedTask {
    // SAFETY: a `Task` of any kind is one reference to the runtime's object, which `unsafeBitCast` checks; what is done
    // with it here does not touch the result.
    @usableFromInline let task: Task<Void, any Error>

    @inlinable
    init(_ task: Task<some Sendable, any Error>) {
        self.task = unsafeBitCast(task, to: Task<Void, any Error>.self)
    }

    var isCancelled: Bool { task.isCancelled }

    func cancel() {
        task.cancel()
    }
}

/// Tells tasks apart, also by their pieces: a job of a task says which task it is.
///
/// In the Swift runtime a task *is* its job (`AsyncTask` is a subclass of `Job`): both are the address of the same object.
/// `TaskIdentityTests` would notice a runtime in which that has changed. (The alternative, the runtime's
/// `swift_task_getJobTaskId`, is not declared in any interface, and would call for each piece of work.)
///
/// An identity is never followed, only compared. It is unique among the tasks that live; an address is used again.
struct TaskIdentity: Hashable, Sendable {
    private let address: UInt

    // SAFETY: each of these is one word, which `unsafeBitCast` checks; the word is used as a number alone.

    init(of task: ErasedTask) {
        address = unsafeBitCast(task, to: UInt.self)
    }

    init(of job: UnownedJob) {
        address = unsafeBitCast(job, to: UInt.self)
    }
}

extension TaskRecord {
    /// nil until the task has been made.
    var identity: TaskIdentity? { swiftTask.map { TaskIdentity(of: $0) } }
}

extension ReadyItem {
    /// The task that this is a piece of; nil for callbacks.
    var taskIdentity: TaskIdentity? {
        switch self {
        case .job(let job), .isolatedJob(let job), .defaultJob(let job), .turn(let job): TaskIdentity(of: job)
        case .handle: nil
        }
    }
}
