import CorundAPI
import Varlink

extension Interface {
    /// `Wait`: a job as it is when it has ended.
    mutating func addWait(_ board: JobBoard) {
        method("Wait") { (parameters: IDParameters, call) in
            JobResult(job: try await board.end(of: JobBoard.number(parameters.id), for: call.principal))
        }
    }
}
