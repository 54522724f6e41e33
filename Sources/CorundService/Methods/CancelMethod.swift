import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Cancel`: ends a job, and answers when that is recorded or its grace is over.
    mutating func addCancel(_ board: JobBoard, _ loop: EventLoop, grace: Duration) {
        method("Cancel") { (parameters: CancelParameters, _) in
            guard parameters.grace_ms ?? 0 >= 0 else { throw VarlinkError.invalidParameter("grace_ms") }
            let limit = loop.now + (parameters.grace_ms.map { .milliseconds($0) } ?? grace)
            return try await board.cancel(
                JobBoard.number(parameters.id), reason: parameters.reason, until: limit)
        }
    }
}
