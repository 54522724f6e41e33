import CorundAPI
import Varlink

extension Interface {
    /// `SubmitMany`: records all of the jobs, or none.
    mutating func addSubmitMany(_ board: JobBoard) {
        method("SubmitMany") { (parameters: SubmitManyParameters, call) in
            SubmitManyResult(ids: try await board.submit(parameters.submissions, from: call.principal))
        }
    }
}
