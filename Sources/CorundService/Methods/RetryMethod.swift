import CorundAPI
import Varlink

extension Interface {
    /// `Retry`: another attempt for a job that ended without success, under its old id.
    mutating func addRetry(_ board: JobBoard) {
        method("Retry") { (parameters: IDParameters, call) in
            try await board.retry(JobBoard.number(parameters.id), for: call.principal)
            return RetryResult(id: parameters.id)
        }
    }
}
