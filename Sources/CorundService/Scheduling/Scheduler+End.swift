import CorundLoop
import DequeModule

/// The daemon's end, as far as jobs are concerned; see ``Ending``.
extension Scheduler {
    /// Admits and starts nothing any more; a job whose turn has come runs.
    func drain() {
        isDraining = true
        openingAlarm.set(at: nil)
    }

    /// Ends everything that waits, as interrupted; what another daemon can run is only let go of.
    func interruptWaiting() {
        let waiting = takeOutWaiting().filter { !$0.survivesDaemon }
        for job in waiting.sorted(by: { $0.id < $1.id }) { cancel(job, .daemonEnd) }
    }

    private func takeOutWaiting() -> [JobExecution] {
        let held = successors.values.filter { $0.machine.phase == .queued && $0.heapIndex == nil }
        for job in held { queue.release(job) }
        (successors, predecessors, fates) = ([:], Predecessors(), [])
        let ready = queue.removeAll(at: loop.tickStartedAt) + jobsSetAside.values.map(\.job)
        let waiting = held + ready + agenda.removeAll()
        jobsSetAside = [:]
        for job in waiting where job.survivesDaemon { queue.forget(job) }
        setAgendaAlarm()
        return waiting
    }

    /// Cancels everything that runs, as interrupted.
    func interruptRunning() {
        for job in running.all { cancel(job, .daemonEnd) }
    }

    /// Ends what still runs as far as anybody can tell: its handler is waited for no longer, but keeps its place.
    func giveUpRunning() {
        for job in running.all { conclude(job, .cancelled(job.machine.cancelCause ?? .daemonEnd)) }
    }

    /// Ends the carriers that wait for work.
    func close() {
        agendaAlarm.set(at: nil)
        openingAlarm.set(at: nil)
        contexts.close()
    }
}
