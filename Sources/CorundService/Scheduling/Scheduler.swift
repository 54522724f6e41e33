import CorundAPI
import CorundLoop
import DequeModule
import Logging

/// Brings jobs from admission to their end: delays, predecessors, the queue, the limit of running jobs, timeouts,
/// cancellation.
///
/// What is to happen to a job is decided by its ``JobMachine``, and which one is next by ``Agenda``, ``Predecessors`` and
/// ``ReadyQueue``; this is the shell that sets timers, starts carriers and tells the job's owner. Nothing polls. It
/// belongs to the loop.
final class Scheduler {
    let loop: EventLoop
    let wallClock: WallClock
    var limits: Limits
    let statistics: JobStatistics
    let log: JobLog
    let contexts: JobContexts

    var queue: ReadyQueue
    private(set) var running = RunningJobs()
    var agenda: Agenda
    lazy var agendaAlarm = Alarm(loop: loop) { [unowned self] in workOffAgenda() }
    /// For the groups that their rate keeps closed.
    lazy var openingAlarm = Alarm(loop: loop) { [unowned self] in startNext() }
    var predecessors = Predecessors()
    /// Jobs that wait for predecessors, or have waited and are about to learn what became of them.
    var successors: [JobID: JobExecution] = [:]
    /// Successors whose fate is known, and that have not been told yet.
    var fates = Deque<SuccessorFate>()
    var isTellingSuccessors = false
    /// Jobs whose turn would be now, but see ``mayBegin(_:from:)``.
    var jobsSetAside: [JobID: JobSetAside] = [:]
    /// The suspect that runs.
    var suspect: JobExecution?
    private var generator = SystemRandomNumberGenerator()

    /// Set once the daemon is ending: nothing is admitted, and nothing starts any more.
    var isDraining = false
    /// Whether jobs are only put in order, see ``gather()``.
    var isGathering = false
    /// Called whenever a job has come into another state, or a pause has begun or ended, if anybody wants to know.
    var onStateChanged: (() -> Void)?
    /// Called whenever a job has left the running ones while the scheduler drains.
    var onRunningChanged: () -> Void = {}
    /// Told which groups are paused, and whether everything is, when that has changed.
    var onPausedChanged: (_ groups: Set<String>, _ allPaused: Bool) -> Void = { _, _ in }

    /// Jobs brought from one place of waiting to another in one tick: a million due at once must not hold the loop.
    static let batch = 1000

    init(
        loop: EventLoop, sharedContext: Context, limits: Limits, statistics: JobStatistics, wallClock: WallClock,
        logger: Logger
    ) {
        self.loop = loop
        self.wallClock = wallClock
        self.limits = limits
        self.statistics = statistics
        log = JobLog(logger, loop: loop)
        contexts = JobContexts(loop: loop, shared: sharedContext)
        queue = ReadyQueue(agingStep: limits.agingStep)
        agenda = Agenda(ClockReading(wallClock, loop))
        contexts.onEnd = { [unowned self] in didEnd($0, $1) }
    }

    // MARK: Admission

    /// Takes a job for which there is room, and which waits for nothing but its turn.
    ///
    /// It starts at once when it can.
    func admit(_ job: JobExecution) {
        job.admittedAt = loop.tickStartedAt
        enterState(of: job)
        if isDraining { return turnAway(job) }
        if hasRoomToRun, queue.isOpen || queue.isOpen(to: job) { return start(job) }
        queue.insert(job, readySince: job.admittedAt, at: job.admittedAt)
        startNext()
    }

    /// Takes a job for which there is room.
    ///
    /// - Parameters:
    ///   - job: scheduled, or queued.
    ///   - due: when its time comes; for one that is queued already, in an earlier life of the daemon perhaps: when it
    ///     came. nil: now.
    ///   - names: jobs that have not ended and that it waits for.
    func admit(_ job: JobExecution, due: DueTime?, after names: [JobID] = []) {
        if due == nil, names.isEmpty, job.machine.phase == .queued { return admit(job) }
        job.admittedAt = loop.tickStartedAt
        enterState(of: job)
        if isDraining { return turnAway(job) }
        if !names.isEmpty { hold(job, after: names) }
        let due = due ?? .loopTime(job.admittedAt)
        if job.machine.phase == .scheduled {
            schedule(job, at: due)
        } else {
            becomeReady(job, since: agenda.loopTime(of: due))
            startNext()
        }
    }

    /// While the daemon ends: a job that another one can run is left to it.
    private func turnAway(_ job: JobExecution) {
        if !job.survivesDaemon { cancel(job, .daemonEnd) }
    }

    // MARK: Waiting

    private func schedule(_ job: JobExecution, at due: DueTime) {
        queue.join(job)
        agenda.insert(job, at: due)
        setAgendaAlarm()
    }

    func setAgendaAlarm() {
        agendaAlarm.set(at: agenda.nextDue)
    }

    private func workOffAgenda() {
        let now = loop.now
        for _ in 0..<Self.batch {
            guard let (job, since) = agenda.popDue(at: now) else { break }
            guard job.machine.becameDue() == .enqueue else { continue }
            enterState(of: job)
            job.admittedAt = loop.tickStartedAt
            job.didBecomeDue()
            becomeReady(job, since: since)
        }
        setAgendaAlarm()
        startNext()
    }

    /// Its time has come.
    private func becomeReady(_ job: JobExecution, since time: LoopTime) {
        if successors[job.id] == nil {
            queue.insert(job, readySince: time, at: loop.tickStartedAt)
        } else {
            queue.hold(job)
        }
    }

    // MARK: Running

    /// Whether the daemon, apart from groups, may run another job.
    var hasRoomToRun: Bool { running.count < limits.running && !isGathering }

    /// Starts what may start.
    func startNext() {
        guard queue.readyCount > 0, !isDraining else { return }
        let now = loop.now
        var started = 0
        while started < Self.batch, hasRoomToRun, let (job, place) = queue.popFirst(at: now) {
            start(job, from: place)
            started += 1
        }
        setOpeningAlarm()
        if started == Self.batch { _ = try? loop.callSoon { [unowned self] in startNext() } }
    }

    /// Without room, the next job that ends looks at the groups again.
    private func setOpeningAlarm() {
        openingAlarm.set(at: hasRoomToRun ? queue.nextOpening : nil)
    }

    private func start(_ job: JobExecution, from place: ReadyQueue.Place? = nil) {
        guard mayBegin(job, from: place), job.machine.gotTurn() == .start else { return }
        running.insert(job)
        job.startedAt = loop.tickStartedAt
        enterState(of: job)
        statistics.submitToStart.record(nanoseconds: job.startedAt.nanoseconds(since: job.admittedAt))
        job.willStart(on: self)
    }

    /// Calls the handler of a job whose start is recorded, unless the job has ended meanwhile.
    func launch(_ job: JobExecution) {
        guard job.machine.startWasRecorded() == .launch else { return }
        job.hasBegun = true
        job.startedAt = loop.tickStartedAt  // the disk may have taken its time
        if let timeout = job.timeoutMilliseconds {
            job.timer = try? loop.callLater(.milliseconds(timeout)) { [unowned self] in
                cancel(job, .timeout(milliseconds: timeout))
            }
        }
        contexts.start(job)
    }

    private func didEnd(_ job: JobExecution, _ end: HandlerEnd) {
        running.remove(job)
        job.timer?.cancel()
        job.timer = nil
        job.isStuck = false
        statistics.runTime.record(nanoseconds: loop.tickStartedAt.nanoseconds(since: job.startedAt))
        queue.attemptEnded(job, at: loop.tickStartedAt)
        conclude(job, JobOutcome(end, cause: job.machine.cancelCause))
        if job.machine.hasEnded { queue.forget(job) }
        suspectMayHaveEnded(job)
        slotIsFree()
    }

    /// An attempt has come to `outcome`, unless the job was given up before.
    func conclude(_ job: JobExecution, _ outcome: JobOutcome) {
        let action = job.machine.handlerEnded(outcome)
        switch action {
        case .retry:
            let draw = Double.random(in: 0...1, using: &generator)
            let pause = limits.backoff.delay(afterAttempt: job.attempt, draw: draw)
            finish(job, action, outcome, pause: pause)
            (job.hasBegun, job.exitStatus) = (false, nil)
            if isDraining { turnAway(job) } else { schedule(job, at: .loopTime(loop.now + pause)) }
        case .finish(.interrupted): finish(job, action, .cancelled(.daemonEnd))  // whatever error it answered
        case .finish: finish(job, action, outcome)
        case .none, .enqueue, .start, .launch, .cancelHandler: break
        }
    }

    private func slotIsFree() {
        if isDraining { onRunningChanged() } else { startNext() }
    }

    private func finish(
        _ job: JobExecution, _ action: JobMachine.Action, _ outcome: JobOutcome, pause: Duration = .zero
    ) {
        enterState(of: job)
        job.didEnd(action, outcome, pause: pause)
    }

    private func enterState(of job: JobExecution) {
        statistics.count(job.machine.state)
        onStateChanged?()
    }

    // MARK: Cancellation, which never waits behind work

    /// Asks a job to end for `cause`: one that waits is ended now, one that runs is cancelled.
    func cancel(_ job: JobExecution, _ cause: CancelCause) {
        let wasStarting = job.machine.phase == .starting
        switch job.machine.cancel(cause) {
        case .finish(let state):
            if wasStarting { leaveRunning(job) } else { leaveWaiting(job) }
            finish(job, .finish(state), .cancelled(cause))
            queue.forget(job)
            if wasStarting { slotIsFree() }
        case .cancelHandler:
            job.timer?.cancel()
            job.timer = try? loop.callLater(limits.cancelGrace) { [unowned self] in
                job.isStuck = true
                log.stuck(job)
            }
            log.askedToEnd(job, cause)
            job.carrier?.cancel()
        case .none, .enqueue, .start, .launch, .retry: break
        }
    }

    /// Takes a job out whose start was being recorded.
    private func leaveRunning(_ job: JobExecution) {
        running.remove(job)
        queue.attemptEnded(job, at: loop.tickStartedAt)
        suspectMayHaveEnded(job)
    }

    /// Takes a job out of wherever it waits.
    private func leaveWaiting(_ job: JobExecution) {
        if agenda.remove(job) {
            setAgendaAlarm()
        } else if queue.remove(job, at: loop.tickStartedAt) {
            setOpeningAlarm()
        } else if successors[job.id] != nil {
            queue.release(job)
        }
        if successors.removeValue(forKey: job.id) != nil { predecessors.remove(job.id) }
        jobsSetAside[job.id] = nil
    }
}
