import CorundAPI
import CorundLoop
import Logging
import Varlink

/// Brings the daemon to its end: does what ``Shutdown`` decides.
///
/// It belongs to the loop.
final class Ending {
    private var shutdown: Shutdown
    private let loop: EventLoop
    private let scheduler: Scheduler
    private let manager: ServiceManager
    private let logger: Logger
    private(set) var poolTimeout: Duration
    private var timer: TimerHandle?
    /// Accepts no client any more.
    var stopListening: () -> Void = {}

    /// Notified when a job ends or the phase changes.
    let changed: LoopSignal
    /// Counted from the beginning of the end.
    private var before = JobTotals()
    /// Counted at the end of it, without what is left.
    private var after = JobTotals()
    /// Jobs that were left then; those whose handlers end before the loop does were interrupted after all.
    private var givenUp = 0

    /// Beyond what is waited for, for the service manager: closing, flushing, exiting.
    private static let margin = Duration.seconds(15)

    init(_ configuration: Configuration, scheduler: Scheduler, manager: ServiceManager, logger: Logger) {
        shutdown = Shutdown(drainTimeout: configuration.drainTimeout, cancelGrace: configuration.cancelGrace)
        poolTimeout = configuration.poolTimeout
        self.scheduler = scheduler
        self.manager = manager
        self.logger = logger
        loop = scheduler.loop
        changed = LoopSignal(loop: loop)
    }

    var isOver: Bool { shutdown.phase == .over }

    /// Gives other times to an end that has not begun.
    func apply(_ configuration: Configuration) {
        guard shutdown.phase == .serving else { return }
        shutdown.drainTimeout = configuration.drainTimeout
        shutdown.cancelGrace = configuration.cancelGrace
        poolTimeout = configuration.poolTimeout
    }

    /// SIGTERM or SIGINT came.
    func signalled() {
        perform(shutdown.signalled())
    }

    /// A client asked for the end.
    func drain(within limit: Duration?) {
        perform(shutdown.drainRequested(within: limit))
    }

    /// A job has left the running ones.
    func runningChanged() {
        changed.notify()
        if scheduler.runningCount == 0 { perform(shutdown.nothingRuns()) }
    }

    /// Waits until all is over that is waited for.
    func waitUntilOver() async throws {
        while !isOver { try await changed.wait() }
    }

    /// One line that counts what ended, what was interrupted, what was left.
    var summary: String {
        let left = scheduler.runningCount
        let interrupted = after.interrupted - before.interrupted + givenUp - left
        return "jobs ended: \(after.ended - before.ended), interrupted: \(interrupted), left: \(left)"
    }

    private func perform(_ action: Shutdown.Action) {
        switch action {
        case .none: break
        case .stopListening(let limit): stopListening(within: limit)
        case .drain(let limit, let stopsListening): drain(limit, stopsListening)
        case .cancel(let limit):
            logger.notice("cancelling \(scheduler.runningCount.counting("running job", "running jobs"))")
            scheduler.interruptRunning()
            setTimer(limit)
        case .finish:
            timer?.cancel()
            after = JobTotals(scheduler.statistics)
            givenUp = scheduler.runningCount
            scheduler.giveUpRunning()
        }
        changed.notify()
    }

    private func stopListening(within limit: Duration) {
        stopListening()
        tellManager(limit)
        guard let timer, timer.deadline > loop.now + limit else { return }
        setTimer(limit)
    }

    private func drain(_ limit: Duration, _ stopsListening: Bool) {
        before = JobTotals(scheduler.statistics)
        tellManager(limit)
        logger.notice("draining: \(scheduler.summary)")
        if stopsListening { stopListening() }
        scheduler.drain()
        scheduler.interruptWaiting()
        if scheduler.runningCount == 0 { perform(shutdown.nothingRuns()) } else { setTimer(limit) }
    }

    private func tellManager(_ limit: Duration) {
        manager.stopping(within: limit + shutdown.cancelGrace + poolTimeout + Self.margin)
    }

    private func setTimer(_ limit: Duration) {
        timer?.cancel()
        timer = try? loop.callLater(limit) { [unowned self] in perform(shutdown.timeIsUp()) }
    }
}

/// Jobs that have ended, by themselves or not.
private struct JobTotals {
    var ended = 0
    var interrupted = 0

    init() {}

    init(_ statistics: JobStatistics) {
        ended = [JobState.succeeded, .failed, .cancelled, .timedOut].map(statistics.total).reduce(0, +)
        interrupted = statistics.total(.interrupted)
    }
}
