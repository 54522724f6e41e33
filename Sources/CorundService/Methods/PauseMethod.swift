import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Pause`: lets no more jobs of a group start, or of all.
    mutating func addPause(_ scheduler: Scheduler, _ kinds: KindCatalog) {
        method("Pause") { (parameters: GroupParameters, call) in
            try scheduler.check(parameters, kinds)
            scheduler.pause(parameters.group)
            scheduler.log.paused(parameters.group, by: call.peer)
            return NoParameters()
        }
    }
}

extension Scheduler {
    /// - Throws: ``ServiceError/noSuchGroup(group:)`` for a name that neither the scheduler knows nor a kind of job has.
    func check(_ parameters: GroupParameters, _ kinds: KindCatalog) throws {
        guard let name = parameters.group else { return }
        guard knowsGroup(name) || kinds.kinds.values.contains(where: { $0.group == name }) else {
            throw ServiceError.noSuchGroup(group: name)
        }
    }
}
