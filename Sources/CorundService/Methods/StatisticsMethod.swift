import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Statistics`: what the daemon has done and does.
    mutating func addStatistics(
        _ scheduler: Scheduler, startedAt: Timestamp, wallClock: WallClock, connections: @escaping () -> Int
    ) {
        let start = scheduler.loop.now
        method("Statistics") { (_: NoParameters, _) in
            let loop = scheduler.loop
            let metrics = loop.metrics
            return Statistics(
                version: CorundVersion.current, startedAt: startedAt,
                uptimeMilliseconds: loop.now.duration(since: start).wholeMilliseconds, debug: loop.isDebugging,
                draining: scheduler.isDraining, jobs: scheduler.statistics.byState, groups: scheduler.groups,
                ticks: Int(metrics.ticks), loopLag: (metrics.tickDuration ?? TimeHistogram()).summary,
                submitToStart: scheduler.statistics.submitToStart.summary,
                runTime: scheduler.statistics.runTime.summary, tasks: metrics.tasks, timers: metrics.timers,
                connections: connections(), pool: metrics.blockingPool, residentBytes: ProcessMemory.residentBytes)
        }
    }
}
