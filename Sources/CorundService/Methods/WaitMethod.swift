import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Wait`: a job as it is when it has ended.
    mutating func addWait(_ board: JobBoard) {
        method("Wait") { (parameters: IDParameters, _) in
            let record = try await board.record(parameters.id)
            while !record.isFinal { try await record.changed.wait() }
            return JobResult(job: record.job)
        }
    }
}
