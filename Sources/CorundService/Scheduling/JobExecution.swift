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

/// One job on its way through the scheduler: waits in the queue, then runs on a carrier.
///
/// Who wants to know what becomes of it inherits from it: the caller of an attached run, or the record of a detached
/// job. (One object instead of two that hold each other.) It belongs to the loop.
class JobExecution: IndexedHeapElement, @unchecked Sendable {
    // SAFETY: confined to the loop's thread, where the scheduler, the carriers and the handlers run.

    final let id: JobID
    final let kind: RegisteredKind
    /// What the handler is given.
    ///
    /// A job that waits on disk has it from when it starts.
    final var arguments: RawJSON
    final var context: ContextChoice
    final private let submittedGroup: String?
    final let priority: Int
    /// Running time allowed. (Not a `Duration`, whose 128-bit arithmetic shows on the hot path.)
    final let timeoutMilliseconds: Int?
    final var machine: JobMachine

    final var heapIndex: Int?
    /// When it was admitted or, for another attempt, became due again.
    final var admittedAt = LoopTime(nanoseconds: 0)
    final var startedAt = LoopTime(nanoseconds: 0)
    final var timer: TimerHandle?
    final var carrier: Carrier?
    final var runningSlot: Int?
    /// What the handler has started beside itself.
    final var children: JobChildren?
    /// It was asked to end and did not within its grace.
    final var isStuck = false

    init(
        id: JobID, kind: RegisteredKind, arguments: RawJSON, context: ContextChoice, group: String?, priority: Int,
        timeoutMilliseconds: Int?, machine: JobMachine
    ) {
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.context = context
        submittedGroup = group
        self.priority = priority
        self.timeoutMilliseconds = timeoutMilliseconds
        self.machine = machine
    }

    final var attempt: Int { machine.attempt }
    final var group: String { submittedGroup ?? kind.group }

    /// What a person calls it in a message.
    final var label: String { "\(kind.name) \(id)" }

    /// Whether the job waits on, elsewhere, when the daemon ends.
    var survivesDaemon: Bool { false }

    // MARK: What becomes of it

    /// Its time has come: it waits for its turn.
    func didBecomeDue() {}

    /// Its turn has come: calls the scheduler's ``Scheduler/launch(_:)`` once it may run, at once or later.
    func willStart(on scheduler: Scheduler) { scheduler.launch(self) }

    /// An attempt has ended, and with it the job unless `action` is to try again.
    func didEnd(_ action: JobMachine.Action, _ outcome: JobOutcome) {}

    /// The handler says how far it has come.
    func didReport(_ progress: Event.Progress) {}

    /// The handler has something to say to watchers.
    func didLog(_ message: Event.Message) {}

    /// A program that the handler runs has written something.
    func didWrite(_ output: Event.Output) {}
}
