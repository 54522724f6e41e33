import CorundAPI
import CorundLoop

/// What the daemon measures, by names that do not change: dashboards know them.
extension PrometheusText {
    mutating func addProcess(startedAt: Timestamp, connections: Int) {
        add("corund_build_info", .gauge, "The release.", [Sample(1, labels: ["version": CorundVersion.current])])
        add(
            "process_start_time_seconds", .gauge, "When the daemon started, in seconds since 1970.",
            Double(startedAt.microseconds) / 1e6)
        add(
            "process_resident_memory_bytes", .gauge, "Memory that the daemon has in use.",
            Double(ProcessMemory.residentBytes))
        add("corund_connections", .gauge, "Clients that are connected.", Double(connections))
    }

    mutating func addJobs(_ scheduler: Scheduler) {
        add(
            "corund_job_states_total", .counter, "How often a job came into each state.",
            JobState.allCases.map {
                Sample(Double(scheduler.statistics.total($0)), labels: ["state": $0.rawValue])
            })
        add("corund_jobs_running", .gauge, "Jobs that run.", Double(scheduler.runningCount))
        add(
            "corund_jobs_waiting", .gauge, "Jobs that wait for their time, for others, or for their turn.",
            Double(scheduler.waitingCount))
        add(
            "corund_jobs_set_aside", .gauge, "Jobs that wait for their kind, or for another suspect to end.",
            Double(scheduler.jobsSetAside.count))
        add(
            "corund_jobs_stuck", .gauge, "Jobs that were asked to end and do not.",
            Double(scheduler.runningJobs.count { $0.isStuck }))
        add("corund_draining", .gauge, "Whether the daemon is ending.", scheduler.isDraining ? 1 : 0)
        add("corund_paused", .gauge, "Whether everything is paused.", scheduler.isPaused ? 1 : 0)
        add("corund_job_wait_seconds", "From when a job could start to its start.", scheduler.statistics.submitToStart)
        add("corund_job_run_seconds", "From the start of an attempt to its end.", scheduler.statistics.runTime)
    }

    mutating func addGroups(_ groups: [Group]) {
        func samples(_ value: (Group) -> Int?) -> [Sample] {
            groups.compactMap { group in value(group).map { Sample(Double($0), labels: ["group": group.name]) } }
        }
        add("corund_group_jobs_running", .gauge, "Jobs of a group that run.", samples(\.running))
        add("corund_group_jobs_queued", .gauge, "Jobs of a group that wait for their turn.", samples(\.queued))
        add("corund_group_limit", .gauge, "Jobs of a group that may run at once.", samples(\.limit))
        add("corund_group_paused", .gauge, "Whether a group is paused.", samples { $0.paused ? 1 : 0 })
    }

    mutating func addLoop(_ loop: LoopMetrics) {
        add("corund_loop_ticks_total", .counter, "Turns of the event loop.", Double(loop.ticks))
        if let time = loop.tickDuration {
            add("corund_loop_tick_seconds", "How long the work of a tick held the loop.", time)
        }
        if let lag = loop.lag { add("corund_loop_timer_lag_seconds", "How late timers were.", lag) }
        add("corund_loop_tasks", .gauge, "Coroutines that are alive.", Double(loop.tasks))
        add("corund_loop_timers", .gauge, "Timers that are set.", Double(loop.timers))
        add("corund_pool_threads", .gauge, "Threads of the blocking pool.", Double(loop.blockingPool.threads))
        add("corund_pool_threads_busy", .gauge, "Threads of the pool at work.", Double(loop.blockingPool.busy))
        add("corund_pool_queued", .gauge, "Blocking work that waits for a thread.", Double(loop.blockingPool.queued))
    }
}
