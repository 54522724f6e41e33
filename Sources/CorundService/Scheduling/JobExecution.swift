import CorundAPI
import CorundLoop
import Varlink

/// Where a job runs.
enum ContextChoice: Equatable {
    /// The runner's one context.
    case shared
    /// A fresh copy of it, as it was before the first job.
    case isolated
    /// A context of that name, shared by the jobs that name it.
    case named(String)

    /// From the wire.
    init(_ name: String?) {
        switch name {
        case nil, "shared": self = .shared
        case "isolated": self = .isolated
        case let name?: self = .named(name)
        }
    }

    var name: String {
        switch self {
        case .shared: "shared"
        case .isolated: "isolated"
        case .named(let name): name
        }
    }
}

/// Who wants to know what becomes of an execution: the reply of an attached run, or the record of a detached job.
protocol ExecutionOwner: AnyObject {
    func jobDidBecomeDue(_ execution: JobExecution)
    func jobDidStart(_ execution: JobExecution)
    func jobDidEnd(_ execution: JobExecution, _ action: JobMachine.Action, _ outcome: JobOutcome)
    func jobDidReport(_ progress: Event.Progress)
    func jobDidLog(_ message: Event.Message)
}

/// One job on its way through the scheduler: waits in the queue, then runs on a carrier.
///
/// It belongs to the loop.
final class JobExecution: IndexedHeapElement, @unchecked Sendable {
    // SAFETY: confined to the loop's thread, where the scheduler, the carriers and the handlers run.

    let id: JobID
    let kind: RegisteredKind
    let arguments: RawJSON
    let context: ContextChoice
    private let submittedGroup: String?
    let priority: Int
    /// Running time allowed. (Not a `Duration`, whose 128-bit arithmetic shows on the hot path.)
    let timeoutMilliseconds: Int?
    /// Told until the end; nil after it, so that the two let go of each other.
    var owner: (any ExecutionOwner)?
    var machine: JobMachine

    var heapIndex: Int?
    /// When it was admitted or, for another attempt, became due again.
    var admittedAt: LoopTime
    var startedAt: LoopTime
    var timer: TimerHandle?
    var carrier: Carrier?
    var runningSlot: Int?
    /// It was asked to end and did not within its grace.
    var isStuck = false

    init(
        id: JobID, kind: RegisteredKind, arguments: RawJSON, context: ContextChoice, group: String?, priority: Int,
        timeoutMilliseconds: Int?, machine: JobMachine, owner: any ExecutionOwner, at now: LoopTime
    ) {
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.context = context
        submittedGroup = group
        self.priority = priority
        self.timeoutMilliseconds = timeoutMilliseconds
        self.machine = machine
        self.owner = owner
        admittedAt = now
        startedAt = now
    }

    var attempt: Int { machine.attempt }
    var group: String { submittedGroup ?? kind.group }

    /// What a person calls it in a message.
    var label: String { "\(kind.name) \(id)" }
}
