import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Metrics`: what the daemon has done and does, as Prometheus reads it.
    mutating func addMetrics(
        _ scheduler: Scheduler, _ store: JobStore, startedAt: Timestamp, connections: @escaping () -> Int
    ) {
        method("Metrics") { (_: NoParameters, _) in
            var metrics = PrometheusText()
            metrics.addProcess(startedAt: startedAt, connections: connections())
            metrics.addJobs(scheduler)
            metrics.addGroups(scheduler.groups)
            metrics.addLoop(scheduler.loop.metrics)
            metrics.add(
                "corund_storage_available", .gauge, "Whether jobs can be recorded.", store.trouble == nil ? 1 : 0)
            return MetricsResult(text: metrics.text)
        }
    }
}
