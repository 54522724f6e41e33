import CorundAPI
import CorundLoop
import Varlink

/// `Run`: runs a job attached to the caller's connection.
final class RunMethod {
    private let scheduler: Scheduler
    private let kinds: KindTable
    private let store: any JobStore

    init(_ scheduler: Scheduler, _ registry: JobRegistry, _ store: any JobStore) {
        self.scheduler = scheduler
        self.store = store
        kinds = KindTable(registry)
    }

    func handle(_ call: IncomingCall) {
        do { try start(call) } catch let error as any ErrorReply {
            call.reply.fail(error.onTheWire)
        } catch {
            preconditionFailure("the parameters were validated with their message: \(error)")
        }
    }

    private func start(_ call: IncomingCall) throws {
        let request = try RunRequest(scanning: call.parameters)
        let kind = try kinds.find(request, in: call.parameters)
        let context = ContextChoice(request.context)
        guard scheduler.contexts.admits(context) else { throw VarlinkError.invalidParameter("context") }
        try scheduler.checkRoom(for: 1)
        let run = AttachedRun(reply: call.reply, scheduler: scheduler, isKept: request.isKept)
        run.start(
            JobExecution(
                id: store.nextID(), kind: kind, arguments: request.arguments, context: context, group: nil,
                priority: 0, timeoutMilliseconds: request.timeoutMilliseconds ?? kind.timeoutMilliseconds,
                machine: JobMachine(isDelayed: false, maxAttempts: 1), owner: run, at: scheduler.loop.tickStartedAt))
    }
}
