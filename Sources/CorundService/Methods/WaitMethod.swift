import CorundAPI
import Varlink

extension Interface {
    /// `Wait`: a job as it is when it has ended.
    mutating func addWait(_ board: JobBoard) {
        method("Wait") { (parameters: IDParameters, call) in
            let id = try JobBoard.number(parameters.id)
            // Nobody's hanging up would end the wait for the answer to a oneway call, and the job may never end.
            guard !call.flags.contains(.oneway) else {
                return JobResult(job: try await board.job(id, for: call.principal))
            }
            return JobResult(job: try await board.end(of: id, for: call.principal))
        }
    }
}
