import CorundAPI
import Varlink

/// A job whose caller waits for it on its connection: nothing of it is kept.
///
/// The fast path.
final class AttachedRun: ExecutionOwner, Caller {
    private let reply: ReplyHandle
    private let scheduler: Scheduler
    private let isKept: Bool
    private var execution: JobExecution?

    init(reply: ReplyHandle, scheduler: Scheduler, isKept: Bool) {
        self.reply = reply
        self.scheduler = scheduler
        self.isKept = isKept
    }

    func start(_ execution: JobExecution) {
        self.execution = execution
        reply.setCaller(self)
        scheduler.admit(execution)
    }

    func callerHungUp() {
        guard !isKept, let execution else { return }
        scheduler.cancel(execution, .hangUp)
    }

    func jobDidEnd(_ execution: JobExecution, _ action: JobMachine.Action, _ outcome: JobOutcome) {
        self.execution = nil
        if case .succeeded(let result) = outcome {
            reply.send { writer in
                writer.literal(#"{"result":"#)
                writer.raw(result)
                writer.literal("}")
            }
        } else if let error = outcome.error(id: execution.id, job: execution.kind.name, attempt: execution.attempt) {
            reply.fail(error.onTheWire)
        }
    }

    func jobDidBecomeDue(_ execution: JobExecution) {}
    func jobDidStart(_ execution: JobExecution) {}
    func jobDidReport(_ progress: Event.Progress) {}
    func jobDidLog(_ message: Event.Message) {}
}
