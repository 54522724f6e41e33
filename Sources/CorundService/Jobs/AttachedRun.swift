import CorundAPI
import Logging
import Varlink

/// A job whose caller waits for it on its connection: nothing of it is kept.
///
/// The fast path.
final class AttachedRun: JobExecution, Caller, @unchecked Sendable {
    // SAFETY: as its superclass.
    private let reply: ReplyHandle
    private let scheduler: Scheduler
    private let isKept: Bool
    /// Whether the log tells its story; asked once, since a hundred thousand of these may run in a second.
    private let isTold: Bool

    init(
        _ request: borrowing RunRequest, id: JobID, kind: RegisteredKind, context: ContextChoice, reply: ReplyHandle,
        scheduler: Scheduler
    ) {
        self.reply = reply
        self.scheduler = scheduler
        isKept = request.isKept
        isTold = scheduler.log.tells(of: kind)
        super.init(
            id: id, kind: kind, arguments: request.arguments, context: context, group: nil, priority: 0,
            timeoutMilliseconds: request.timeoutMilliseconds ?? kind.timeoutMilliseconds,
            machine: JobMachine(isDelayed: false, maxAttempts: 1))
    }

    func start() {
        reply.setCaller(self)
        if isTold { scheduler.log.submitted(self) }
        scheduler.admit(self)
    }

    override var waitsForItsKind: Bool { false }

    func callerHungUp() {
        if !isKept { scheduler.cancel(self, .hangUp) }
    }

    override var isAttached: Bool { true }
    override var owner: UInt32? { reply.peer.userID }
    override var logger: Logger { scheduler.log.logger(of: self) }

    override func willStart(on scheduler: Scheduler) {
        if isTold { scheduler.log.started(self) }
        scheduler.launch(self)
    }

    override func didEnd(_ action: JobMachine.Action, _ outcome: JobOutcome, pause: Duration) {
        if isTold { scheduler.log.ended(self, action, outcome, pause: pause) }
        if case .succeeded(let result) = outcome {
            reply.send { writer in
                writer.literal(#"{"result":"#)
                writer.raw(result)
                writer.byte(UInt8(ascii: "}"))
            }
        } else if let error = outcome.error(id: id, job: kind.name, attempt: attempt) {
            reply.fail(error.onTheWire)
        }
    }
}
