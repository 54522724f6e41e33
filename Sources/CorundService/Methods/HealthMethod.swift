import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Health`: answered by the loop itself, so that a wedged loop does not answer.
    mutating func addHealth(_ scheduler: Scheduler, _ store: JobStore) {
        method("Health") { (_: NoParameters, _) in
            let loop = scheduler.loop
            let storage = store.trouble.map { ["storage unavailable: \($0)"] } ?? []
            let obstacles = scheduler.obstaclesToAdmission + storage
            return Health(
                live: true, ready: obstacles.isEmpty, reasons: obstacles + scheduler.stuckJobs,
                lastTickAgeMicroseconds: Int(loop.now.nanoseconds(since: loop.tickStartedAt) / 1000))
        }
    }
}

extension Scheduler {
    /// Why no job would be admitted now.
    fileprivate var obstaclesToAdmission: [String] {
        if isDraining { return ["draining"] }
        return isFull ? ["queue full: \(waitingCount) jobs wait"] : []
    }

    /// The jobs that were asked to end and do not.
    fileprivate var stuckJobs: [String] {
        runningJobs.filter(\.isStuck).map { "stuck: \($0.label)" }
    }
}
