import CorundAPI
import CorundLoop
import Varlink

/// Brings jobs from admission to their end: delays, the queue, the limit of running jobs, timeouts, cancellation.
///
/// What is to happen to a job is decided by its ``JobMachine``; this is the shell that sets timers, starts carriers and
/// tells the job's owner. Nothing polls. It belongs to the loop.
final class Scheduler {
    struct Limits {
        /// Jobs that run at once.
        var running: Int
        /// Jobs that wait for their turn or their time.
        var waiting: Int
        /// How long a job that was asked to end may take before it counts as stuck.
        var cancelGrace: Duration
    }

    let loop: EventLoop
    private let limits: Limits
    let statistics: JobStatistics
    let contexts: JobContexts

    private var queue = IndexedHeap<Int, JobExecution>()
    /// Kept beside the queue: asking a generic type of another module costs a look-up, which the hot path must not pay.
    private(set) var queuedCount = 0
    /// Jobs in the queue, by group.
    private(set) var queuedByGroup: [String: Int] = [:]
    /// Jobs that wait for their time.
    private var scheduled: [JobID: JobExecution] = [:]
    private var running: [JobExecution?] = []
    private var freeSlots: [Int] = []
    private var generator = SystemRandomNumberGenerator()
    private let backoff = RetryBackoff()

    /// Set once the daemon is ending: nothing is admitted, and nothing starts any more.
    private(set) var isDraining = false
    /// Called whenever a job has come into another state, if anybody wants to know.
    var onStateChanged: (() -> Void)?
    /// Called whenever a job has left the running ones while the scheduler drains.
    var onRunningChanged: () -> Void = {}
    /// Told of a job that does not end.
    var onStuck: (JobExecution) -> Void = { _ in }

    /// Told to callers that find the queue full.
    private static let retryAfter = Duration.milliseconds(500)

    init(loop: EventLoop, sharedContext: Context, limits: Limits, statistics: JobStatistics) {
        self.loop = loop
        self.limits = limits
        self.statistics = statistics
        contexts = JobContexts(loop: loop, shared: sharedContext)
        contexts.onEnd = { [unowned self] in didEnd($0, $1) }
    }

    var runningCount: Int { running.count - freeSlots.count }
    var waitingCount: Int { queuedCount + scheduled.count }
    var isFull: Bool { waitingCount >= limits.waiting }
    var runningJobs: [JobExecution] { running.compactMap(\.self) }

    // MARK: Admission

    /// - Throws: ``JobsError/draining``; ``JobsError/queueFull(limit:retryAfterMilliseconds:)`` unless so many more jobs
    ///   may wait. One that can start at once need not; one that is `delayed` must.
    func checkRoom(for immediate: Int, delayed: Int = 0) throws(JobsError) {
        guard !isDraining else { throw .draining }
        let startable = queuedCount == 0 ? max(0, limits.running - runningCount) : 0
        let waiting = delayed + max(0, immediate - startable)
        guard waiting == 0 || waiting <= limits.waiting - waitingCount else {
            throw .queueFull(limit: limits.waiting, retryAfterMilliseconds: Self.retryAfter.wholeMilliseconds)
        }
    }

    /// Takes a job for which there is room.
    ///
    /// It starts at once when it can.
    func admit(_ job: JobExecution, after delay: Duration = .zero) {
        job.admittedAt = loop.tickStartedAt
        enterState(of: job)
        if isDraining { return cancel(job, .daemonEnd) }
        if job.machine.phase == .scheduled {
            schedule(job, after: delay)
        } else {
            enqueue(job)
        }
    }

    private func schedule(_ job: JobExecution, after delay: Duration) {
        scheduled[job.id] = job
        job.timer = try? loop.callLater(delay) { [unowned self] in
            job.timer = nil
            scheduled[job.id] = nil
            guard job.machine.becameDue() == .enqueue else { return }
            enterState(of: job)
            job.admittedAt = loop.tickStartedAt
            job.didBecomeDue()
            enqueue(job)
        }
    }

    private func enqueue(_ job: JobExecution) {
        if queuedCount == 0, runningCount < limits.running { return start(job) }
        queue.insert(job, at: -job.priority)
        queuedCount += 1
        queuedByGroup[job.group, default: 0] += 1
    }

    private func didLeaveQueue(_ job: JobExecution) {
        queuedCount -= 1
        let left = queuedByGroup[job.group, default: 1] - 1
        queuedByGroup[job.group] = left == 0 ? nil : left
    }

    // MARK: Running

    private func startNext() {
        while queuedCount > 0, runningCount < limits.running, let job = queue.popFirst() {
            didLeaveQueue(job)
            start(job)
        }
    }

    private func start(_ job: JobExecution) {
        guard job.machine.gotTurn() == .start else { return }
        insertRunning(job)
        job.startedAt = loop.tickStartedAt
        enterState(of: job)
        statistics.submitToStart.record(nanoseconds: job.startedAt.nanoseconds(since: job.admittedAt))
        job.willStart(on: self)
    }

    /// Calls the handler of a job whose start is recorded, unless the job has ended meanwhile.
    func launch(_ job: JobExecution) {
        guard job.machine.startWasRecorded() == .launch else { return }
        if let timeout = job.timeoutMilliseconds {
            job.timer = try? loop.callLater(.milliseconds(timeout)) { [unowned self] in
                cancel(job, .timeout(milliseconds: timeout))
            }
        }
        contexts.start(job)
    }

    private func didEnd(_ job: JobExecution, _ end: HandlerEnd) {
        removeRunning(job)
        job.timer?.cancel()
        job.timer = nil
        statistics.runTime.record(nanoseconds: loop.tickStartedAt.nanoseconds(since: job.startedAt))
        let outcome = JobOutcome(end, cause: job.machine.cancelCause)
        let action = job.machine.handlerEnded(outcome)
        if action != .none { finish(job, action, outcome) }  // none: it was given up before
        if action == .retry { retry(job) }
        slotIsFree()
    }

    private func slotIsFree() {
        if isDraining { onRunningChanged() } else { startNext() }
    }

    private func retry(_ job: JobExecution) {
        guard !isDraining else { return cancel(job, .daemonEnd) }
        let draw = Double.random(in: 0...1, using: &generator)
        schedule(job, after: backoff.delay(afterAttempt: job.attempt, draw: draw))
    }

    private func finish(_ job: JobExecution, _ action: JobMachine.Action, _ outcome: JobOutcome) {
        enterState(of: job)
        job.didEnd(action, outcome)
    }

    private func enterState(of job: JobExecution) {
        statistics.count(job.machine.state)
        onStateChanged?()
    }

    private func insertRunning(_ job: JobExecution) {
        let slot = freeSlots.popLast() ?? running.count
        if slot == running.count { running.append(job) } else { running[slot] = job }
        job.runningSlot = slot
    }

    private func removeRunning(_ job: JobExecution) {
        guard let slot = job.runningSlot else { return }
        job.runningSlot = nil
        running[slot] = nil
        freeSlots.append(slot)
    }

    // MARK: Cancellation, which never waits behind work

    /// Asks a job to end for `cause`: one that waits is ended now, one that runs is cancelled.
    func cancel(_ job: JobExecution, _ cause: CancelCause) {
        switch job.machine.cancel(cause) {
        case .finish(let state):
            let wasStarting = leave(job)
            finish(job, .finish(state), .cancelled(cause))
            if wasStarting { slotIsFree() }
        case .cancelHandler:
            job.timer?.cancel()
            job.timer = try? loop.callLater(limits.cancelGrace) { [unowned self] in
                job.isStuck = true
                onStuck(job)
            }
            job.carrier?.cancel()
        case .none, .enqueue, .start, .launch, .retry: break
        }
    }

    /// Takes a job out of wherever it waits.
    ///
    /// - Returns: whether it had a place among those that run.
    private func leave(_ job: JobExecution) -> Bool {
        scheduled[job.id] = nil
        job.timer?.cancel()
        job.timer = nil
        if queue.remove(job) { didLeaveQueue(job) }
        defer { removeRunning(job) }
        return job.runningSlot != nil
    }

    // MARK: The end

    /// Admits and starts nothing any more.
    func drain() {
        isDraining = true
    }

    /// Ends everything that waits, as interrupted, but lets go of what survives the daemon as it is.
    func interruptWaiting() {
        for job in (queue.elements + scheduled.values).sorted(by: { $0.id < $1.id }) {
            if job.survivesDaemon { _ = leave(job) } else { cancel(job, .daemonEnd) }
        }
    }

    /// Cancels everything that runs, as interrupted.
    func interruptRunning() {
        for job in runningJobs { cancel(job, .daemonEnd) }
    }

    /// Ends what still runs as far as anybody can tell: its handler is waited for no longer, but keeps its place.
    func giveUpRunning() {
        for job in runningJobs {
            let outcome = JobOutcome.cancelled(job.machine.cancelCause ?? .daemonEnd)
            finish(job, job.machine.handlerEnded(outcome), outcome)
        }
    }

    /// Ends the carriers that wait for work.
    func close() {
        contexts.close()
    }
}
