import CorundAPI
import Varlink

extension Interface {
    /// `Submit`: records a job, to be run detached.
    mutating func addSubmit(_ board: JobBoard) {
        method("Submit") { (parameters: SubmitParameters, call) in
            try await board.submit(parameters.submission, from: call.principal)
        }
    }
}
