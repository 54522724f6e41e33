import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Pause`: lets no more jobs of a group start, or of all.
    mutating func addPause(_ scheduler: Scheduler, _ registry: JobRegistry) {
        method("Pause") { (parameters: GroupParameters, _) in
            try scheduler.check(parameters, registry)
            scheduler.pause(parameters.group)
            return NoParameters()
        }
    }
}

extension Scheduler {
    /// - Throws: ``ServiceError/noSuchGroup(group:)`` for a name that neither the scheduler knows nor a kind of job has.
    func check(_ parameters: GroupParameters, _ registry: JobRegistry) throws {
        guard let name = parameters.group else { return }
        guard knowsGroup(name) || registry.kinds.values.contains(where: { $0.group == name }) else {
            throw ServiceError.noSuchGroup(group: name)
        }
    }
}
