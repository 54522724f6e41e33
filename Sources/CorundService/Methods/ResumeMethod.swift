import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Resume`: ends a pause, or all of them.
    mutating func addResume(_ scheduler: Scheduler, _ kinds: KindCatalog) {
        method("Resume") { (parameters: GroupParameters, call) in
            try scheduler.check(parameters, kinds)
            scheduler.resume(parameters.group)
            scheduler.log.resumed(parameters.group, by: call.peer)
            return NoParameters()
        }
    }
}
