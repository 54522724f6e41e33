import CorundAPI
import CorundLoop
import Logging
import Varlink

/// One job on its way through the scheduler: waits in the queue, then runs on a carrier.
///
/// Who wants to know what becomes of it inherits from it: the caller of an attached run, or the record of a detached
/// job. (One object instead of two that hold each other.) It belongs to the loop. There may be a million of them: what
/// is stored here is small, and in an order that leaves few gaps.
class JobExecution: KeyedHeapElement, @unchecked Sendable {
    // SAFETY: confined to the loop's thread, where the scheduler, the carriers and the handlers run.

    /// How a job knows its group.
    enum Membership {
        case ofItsKind
        case named(String)
        /// The queue has counted it in.
        case joined(JobGroup)
    }

    final let id: JobID
    final let kind: RegisteredKind
    /// What the handler is given.
    ///
    /// A job that waits on disk has it from when it starts.
    final var arguments: RawJSON
    final var context: ContextChoice
    /// Running time allowed to an attempt, 0: without limit. (Not a `Duration`, whose 128-bit arithmetic shows on the hot
    /// path, nor an optional, which takes twice the room.)
    final private let timeout: Int
    final var membership: Membership
    final private let storedPriority: Int8
    /// It was asked to end and did not within its grace.
    final var isStuck = false
    /// Whether the handler of the present attempt was called.
    final var hasBegun = false
    /// Of the program that the handler of the present attempt has run, as a shell has it.
    final var exitStatus: UInt8?
    final var machine: JobMachine

    /// Where it is in the heap of its group or of the agenda.
    final var heapIndex: Int32?
    final var runningSlot: Int32?
    /// When it was admitted or, for another attempt, became due again.
    final var admittedAt = LoopTime(nanoseconds: 0)
    /// When its turn came, then when the handler was called.
    final var startedAt = LoopTime(nanoseconds: 0)
    /// For what an attempt that runs waits for: its timeout, or the end of its grace.
    final var timer: TimerHandle?
    final var carrier: Carrier?
    /// What the handler has started beside itself.
    final var children: JobChildren?

    /// The group is the kind's unless one is named; a timeout is at least 1, and a priority from -100 to 100.
    init(
        id: JobID, kind: RegisteredKind, arguments: RawJSON, context: ContextChoice, group: String?, priority: Int,
        timeoutMilliseconds: Int?, machine: JobMachine
    ) {
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.context = context
        membership = group.map { .named($0) } ?? .ofItsKind
        storedPriority = Int8(clamping: priority)
        timeout = timeoutMilliseconds ?? 0
        self.machine = machine
    }

    final var attempt: Int { machine.attempt }
    final var priority: Int { Int(storedPriority) }
    final var timeoutMilliseconds: Int? { timeout == 0 ? nil : timeout }
    final var rank: UInt64 { id.number }

    final var group: String {
        switch membership {
        case .ofItsKind: kind.group
        case .named(let name): name
        case .joined(let group): group.name
        }
    }

    /// The group that it is counted in, if it is.
    final var joinedGroup: JobGroup? {
        if case .joined(let group) = membership { group } else { nil }
    }

    /// What a person calls it in a message.
    final var label: String { "\(kind.name) \(id)" }

    /// Whether it waits on, in the life of another daemon, when this one ends.
    var survivesDaemon: Bool { false }

    /// Whether it waits when there is no kind of its name any more.
    var waitsForItsKind: Bool { true }

    /// Whether it is held if the daemon dies once more while it runs.
    var isSuspect: Bool { false }

    // MARK: What the log says of it

    /// Whether its caller waits for it, and nothing of it is kept.
    var isAttached: Bool { false }

    /// The user who has submitted it.
    var owner: UInt32? { nil }

    /// Where it runs; nil as long as that is on disk alone.
    var knownContext: ContextChoice? { context }

    /// A logger with the job in its metadata; one that logs nothing for a job that nobody keeps a log of.
    var logger: Logger { Logger(label: label) { _ in SwiftLogNoOpLogHandler() } }

    // MARK: What becomes of it

    /// Its time has come: it waits for its turn.
    func didBecomeDue() {}

    /// Its turn has come: calls the scheduler's ``Scheduler/launch(_:)`` once it may run, at once or later.
    func willStart(on scheduler: Scheduler) { scheduler.launch(self) }

    /// An attempt has ended, and with it the job unless `action` is to try again after `pause`.
    func didEnd(_ action: JobMachine.Action, _ outcome: JobOutcome, pause: Duration) {}

    /// The handler says how far it has come.
    func didReport(_ progress: Event.Progress) {}

    /// The handler has something to say to watchers.
    func didLog(_ message: Event.Message) {}

    /// A program that the handler runs has written something.
    func didWrite(_ output: Event.Output) {}
}
