import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Run`: runs a job attached to the caller's connection.
    mutating func addRun(_ scheduler: Scheduler, _ registry: JobRegistry, nextID: @escaping () -> JobID) {
        let kinds = Array(registry.kinds.values)
        let index = NameIndex(kinds.map(\.name))
        handle("Run") { call in
            do {
                let request = try RunRequest(scanning: call.parameters)
                let name = UnsafeBufferPointer(rebasing: call.parameters[request.job ?? 0..<0])
                guard let kind = index.find(name).map({ kinds[$0] }) else {
                    throw JobsError.unknownJob(job: String(decoding: name, as: UTF8.self))
                }
                let context = ContextChoice(request.context)
                guard scheduler.contexts.admits(context) else { throw VarlinkError.invalidParameter("context") }
                try scheduler.checkRoom(for: 1)
                let run = AttachedRun(reply: call.reply, scheduler: scheduler, isKept: request.isKept)
                run.start(
                    JobExecution(
                        id: nextID(), kind: kind, arguments: request.arguments, context: context, group: kind.group,
                        priority: 0,
                        timeout: request.timeoutMilliseconds.map { .milliseconds($0) } ?? kind.options.timeout,
                        machine: JobMachine(isDelayed: false, maxAttempts: 1), owner: run,
                        at: scheduler.loop.tickStartedAt))
            } catch let error as any ErrorReply {
                call.reply.fail(error.onTheWire)
            } catch {
                preconditionFailure("the parameters were validated with their message: \(error)")
            }
        }
    }
}
