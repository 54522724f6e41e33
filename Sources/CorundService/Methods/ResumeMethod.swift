import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Resume`: ends a pause, or all of them, and answers when that is recorded.
    mutating func addResume(_ scheduler: Scheduler, _ board: JobBoard) {
        method("Resume") { (parameters: GroupParameters, call) in
            try scheduler.check(parameters, board.kinds)
            scheduler.resume(parameters.group)
            scheduler.log.resumed(parameters.group, by: call.peer)
            await board.store.waitUntilRecorded()
            return NoParameters()
        }
    }
}
