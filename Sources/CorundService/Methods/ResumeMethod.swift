import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Resume`: ends a pause, or all of them.
    mutating func addResume(_ scheduler: Scheduler, _ kinds: KindCatalog) {
        method("Resume") { (parameters: GroupParameters, _) in
            try scheduler.check(parameters, kinds)
            scheduler.resume(parameters.group)
            return NoParameters()
        }
    }
}
