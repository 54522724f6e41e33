import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Drain`: begins the daemon's end, and with `more` counts down the jobs that are left.
    mutating func addDrain(_ ending: Ending, _ scheduler: Scheduler) {
        method("Drain") { (parameters: DrainParameters, call) in
            guard parameters.timeout_ms ?? 0 >= 0 else { throw VarlinkError.invalidParameter("timeout_ms") }
            ending.drain(within: parameters.timeout_ms.map { .milliseconds($0) })
            guard call.flags.contains(.more) else { return DrainResult(running: scheduler.runningCount) }
            var told: Int?
            while scheduler.runningCount > 0, !ending.isOver {
                if told != scheduler.runningCount {
                    told = scheduler.runningCount
                    call.reply.send(DrainResult(running: scheduler.runningCount), continues: true)
                }
                try await ending.changed.wait()
            }
            return DrainResult(running: scheduler.runningCount)
        }
    }
}
