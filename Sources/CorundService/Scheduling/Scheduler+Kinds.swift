import CorundLoop

/// Jobs whose kind is not there: a reload has taken it away, or a daemon that knew it has left them.
extension Scheduler {
    /// Sets a job aside whose turn it would be.
    ///
    /// It waits until there is such a kind again, unless somebody is waiting for it on a connection.
    func setAside(_ job: JobExecution) {
        queue.attemptEnded(job, at: loop.tickStartedAt)  // its turn is somebody else's
        queue.forget(job)
        jobsSetAside[job.id] = job
        if !job.waitsForItsKind {
            cancel(job, .request(reason: "there is no kind of job called \(job.kind.name) any more"))
        }
    }

    /// Queues the jobs that were set aside and whose kind is there again.
    func kindsChanged() {
        let back = jobsSetAside.values.filter { !$0.kind.isGone }
        jobsSetAside = jobsSetAside.filter(\.value.kind.isGone)
        for job in back { queue.insert(job, readySince: job.admittedAt, at: loop.tickStartedAt) }
        startNext()
    }
}
