import CorundAPI
import Varlink

extension Interface {
    /// `Get`: a job as it is now.
    mutating func addGet(_ board: JobBoard) {
        method("Get") { (parameters: IDParameters, call) in
            JobResult(job: try await board.job(JobBoard.number(parameters.id), for: call.principal))
        }
    }
}
