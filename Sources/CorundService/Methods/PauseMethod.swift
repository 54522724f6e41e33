import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Pause`: lets no more jobs of a group start, or of all, and answers when the next daemon would not either.
    mutating func addPause(_ scheduler: Scheduler, _ board: JobBoard) {
        method("Pause") { (parameters: GroupParameters, call) in
            try scheduler.check(parameters, board.kinds)
            scheduler.pause(parameters.group)
            scheduler.log.paused(parameters.group, by: call.peer)
            await board.store.waitUntilRecorded()
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
