import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Cancel`: ends a job, and answers when that is recorded or its grace is over.
    mutating func addCancel(_ board: JobBoard, _ scheduler: Scheduler) {
        method("Cancel") { (parameters: CancelParameters, call) in
            guard parameters.grace_ms ?? 0 >= 0 else { throw VarlinkError.invalidParameter("grace_ms") }
            let grace = parameters.grace_ms.map { .milliseconds($0) } ?? scheduler.limits.cancelGrace
            return try await board.cancel(
                JobBoard.number(parameters.id), reason: parameters.reason, until: scheduler.loop.now + grace,
                for: call.principal)
        }
    }
}
