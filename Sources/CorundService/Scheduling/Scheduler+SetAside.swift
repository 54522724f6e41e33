import CorundLoop

/// Jobs that are not begun although it is their turn.
///
/// One whose kind is not there, since a reload has taken it away or a daemon that knew it has left the job, waits until
/// there is such a kind again. One that the next crash of the daemon would hold waits until no other such job runs: so a
/// job that kills each daemon is found out alone, and does not take the others with it.
extension Scheduler {
    /// Whether the job, whose turn it is, may begin; it is set aside otherwise.
    ///
    /// The place is where it was in the queue; nil when it has not waited there.
    func mayBegin(_ job: JobExecution, from place: ReadyQueue.Place?) -> Bool {
        if job.kind.isGone {
            setAside(job, place)
            guard !job.waitsForItsKind else { return false }
            cancel(job, .request(reason: "there is no kind of job called \(job.kind.name) any more"))
            return false
        }
        guard job.isSuspect else { return true }
        guard suspect == nil else {
            setAside(job, place)
            return false
        }
        suspect = job
        return true
    }

    private func setAside(_ job: JobExecution, _ place: ReadyQueue.Place?) {
        queue.returnTurn(of: job, at: loop.tickStartedAt)
        jobsSetAside[job.id] = JobSetAside(job: job, place: place)
    }

    /// Queues the jobs that were set aside and whose kind is there again.
    func kindsChanged() {
        for aside in jobsSetAside.values where !aside.job.kind.isGone && !aside.job.isSuspect { takeBack(aside) }
        takeBackSuspects()
        startNext()
    }

    /// A job that was begun has left the running ones: another suspect may begin.
    func suspectMayHaveEnded(_ job: JobExecution) {
        guard suspect === job else { return }
        suspect = nil
        takeBackSuspects()
    }

    /// Queues all of them, though only one may begin: which one that is, and when, the queue knows.
    ///
    /// One that was chosen here might be cancelled before its turn, or wait for its group without end, and the others
    /// with it.
    private func takeBackSuspects() {
        guard suspect == nil else { return }
        for aside in jobsSetAside.values where aside.job.isSuspect && !aside.job.kind.isGone { takeBack(aside) }
    }

    private func takeBack(_ aside: JobSetAside) {
        let (job, now) = (aside.job, loop.tickStartedAt)
        jobsSetAside[job.id] = nil
        if let place = aside.place {
            queue.takeBack(job, to: place, at: now)
        } else {
            queue.insert(job, readySince: job.admittedAt, at: now)
        }
    }
}

/// A job that is not begun although it is its turn.
struct JobSetAside {
    let job: JobExecution
    /// Where it waited in the queue, if it did.
    let place: ReadyQueue.Place?
}
