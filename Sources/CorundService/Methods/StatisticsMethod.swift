import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Statistics`: what the daemon has done and does.
    mutating func addStatistics(
        _ scheduler: Scheduler, startedAt: Timestamp, connections: @escaping () -> Int
    ) {
        let start = scheduler.loop.now
        method("Statistics") { (_: NoParameters, call) in
            let loop = scheduler.loop
            let metrics = loop.metrics
            let groups = scheduler.groupListing.visible(to: call.principal)
            return Statistics(
                version: CorundVersion.current, startedAt: startedAt,
                uptimeMilliseconds: loop.now.duration(since: start).wholeMilliseconds, debug: loop.isDebugging,
                draining: scheduler.isDraining, paused: scheduler.isPaused, jobs: scheduler.statistics.byState,
                groups: groups.listed, otherGroups: groups.others, ticks: Int(metrics.ticks),
                loopLag: (metrics.tickDuration ?? TimeHistogram()).summary,
                submitToStart: scheduler.statistics.submitToStart.summary,
                runTime: scheduler.statistics.runTime.summary, tasks: metrics.tasks, timers: metrics.timers,
                connections: connections(), pool: metrics.blockingPool, residentBytes: ProcessMemory.residentBytes)
        }
    }
}

extension GroupListing {
    /// What the principal may see: the names that other users have chosen are theirs, as their jobs are.
    ///
    /// One who sees its own jobs alone does not see the groups of these either: to find them, each job that waits would
    /// have to be looked at.
    ///
    /// - Returns: the groups by name, and how many there are besides; nil: none.
    fileprivate func visible(to principal: Principal) -> (listed: [Group], others: Int?) {
        if principal.onlyOwner != nil { return (managed, nil) }
        return (all, leftOut == 0 ? nil : leftOut)
    }
}
