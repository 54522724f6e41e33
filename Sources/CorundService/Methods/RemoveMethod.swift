import CorundAPI
import Varlink

extension Interface {
    /// `Remove`: forgets jobs that have ended; what is unknown is forgotten already.
    mutating func addRemove(_ board: JobBoard) {
        method("Remove") { (parameters: RemoveParameters, call) in
            let ids = try parameters.ids.map(JobBoard.number)
            return RemoveResult(removed: try await board.remove(ids, for: call.principal))
        }
    }
}
