import CorundAPI
import CorundLoop
import Varlink

/// `Run`: runs a job attached to the caller's connection.
final class RunMethod {
    private let scheduler: Scheduler
    private let kinds: KindCatalog
    private let ids: JobIDs

    init(_ scheduler: Scheduler, _ kinds: KindCatalog, _ ids: JobIDs) {
        self.scheduler = scheduler
        self.ids = ids
        self.kinds = kinds
    }

    func handle(_ call: IncomingCall) {
        do { try start(call) } catch let error as any ErrorReply {
            call.reply.fail(error.onTheWire)
        } catch {
            preconditionFailure("the parameters were validated with their message: \(error)")
        }
    }

    private func start(_ call: IncomingCall) throws {
        let request = try RunRequest(call.parameters)
        let kind = try kinds.find(request, in: call.parameters.message)
        try kind.check(user: call.userID)
        let context = ContextChoice(request.context)
        try scheduler.checkRoom(forRunOf: kind)
        guard scheduler.contexts.admit(context) else { throw VarlinkError.invalidParameter("context") }
        let run = AttachedRun(
            request, id: ids.next(), kind: kind, context: context, reply: call.reply, scheduler: scheduler)
        run.start()
    }
}
