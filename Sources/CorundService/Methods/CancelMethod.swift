import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Cancel`: ends a job, and answers when it has ended or its grace is over.
    mutating func addCancel(_ board: JobBoard, _ scheduler: Scheduler, grace: Duration) {
        method("Cancel") { (parameters: CancelParameters, _) in
            guard parameters.grace_ms ?? 0 >= 0 else { throw VarlinkError.invalidParameter("grace_ms") }
            let record = try await board.record(parameters.id)
            if let execution = board.execution(of: record) {
                scheduler.cancel(execution, .request(reason: parameters.reason))
            }
            let loop = scheduler.loop
            let limit = loop.now + (parameters.grace_ms.map { .milliseconds($0) } ?? grace)
            let timer = try loop.callAt(limit) { record.changed.notify() }
            defer { timer.cancel() }
            while !record.isFinal, loop.now < limit { try await record.changed.wait() }
            return CancelResult(state: record.job.state, stuck: !record.isFinal)
        }
    }
}
