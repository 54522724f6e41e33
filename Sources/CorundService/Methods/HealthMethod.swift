import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Health`: answered by the loop itself, so that a wedged loop does not answer.
    mutating func addHealth(_ scheduler: Scheduler, _ store: JobStore) {
        method("Health") { (_: NoParameters, call) in
            let loop = scheduler.loop
            let storage = store.trouble.map { ["storage unavailable: \($0)"] } ?? []
            let obstacles = scheduler.obstaclesToAdmission + storage
            return Health(
                live: true, ready: obstacles.isEmpty, reasons: obstacles + scheduler.stuckJobs(for: call.principal),
                lastTickAgeMicroseconds: Int(loop.now.nanoseconds(since: loop.tickStartedAt) / 1000))
        }
    }
}

extension Scheduler {
    /// Why no job would be admitted now.
    fileprivate var obstaclesToAdmission: [String] {
        if isDraining { return ["draining"] }
        return isFull ? ["queue full: \(waitingCount.counting("job waits", "jobs wait"))"] : []
    }

    /// The jobs that were asked to end and do not, as far as the principal may see them.
    fileprivate func stuckJobs(for principal: Principal) -> [String] {
        runningJobs.filter { $0.isStuck && principal.sees(jobsOf: $0.owner) }.map { "stuck: \($0.label)" }
    }
}
