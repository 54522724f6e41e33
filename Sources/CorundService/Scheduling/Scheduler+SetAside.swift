import CorundLoop

/// Jobs that are not begun although it is their turn.
///
/// One whose kind is not there, since a reload has taken it away or a daemon that knew it has left the job, waits until
/// there is such a kind again. One that the next crash of the daemon would hold waits until no other such job runs: so a
/// job that kills each daemon is found out alone, and does not take the others with it.
extension Scheduler {
    /// Whether the job, whose turn it is, may begin; it is set aside otherwise.
    func mayBegin(_ job: JobExecution) -> Bool {
        if job.kind.isGone {
            setAside(job)
            guard !job.waitsForItsKind else { return false }
            cancel(job, .request(reason: "there is no kind of job called \(job.kind.name) any more"))
            return false
        }
        guard job.isSuspect else { return true }
        guard suspect == nil else {
            setAside(job)
            return false
        }
        suspect = job
        return true
    }

    private func setAside(_ job: JobExecution) {
        queue.attemptEnded(job, at: loop.tickStartedAt)  // its turn is somebody else's
        queue.forget(job)
        jobsSetAside[job.id] = job
    }

    /// Queues the jobs that were set aside and whose kind is there again.
    func kindsChanged() {
        for job in jobsSetAside.values where !job.kind.isGone && !job.isSuspect { takeBack(job) }
        takeBackSuspect()
        startNext()
    }

    /// A job that was begun has left the running ones: another suspect may begin.
    func suspectMayHaveEnded(_ job: JobExecution) {
        guard suspect === job else { return }
        suspect = nil
        takeBackSuspect()
    }

    private func takeBackSuspect() {
        guard suspect == nil else { return }
        let next = jobsSetAside.values.filter { $0.isSuspect && !$0.kind.isGone }.min { $0.id < $1.id }
        if let next { takeBack(next) }
    }

    private func takeBack(_ job: JobExecution) {
        jobsSetAside[job.id] = nil
        queue.insert(job, readySince: job.admittedAt, at: loop.tickStartedAt)
    }
}
