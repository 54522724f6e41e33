import CorundAPI
import CorundLoop
import Glibc
import Logging
import Varlink

/// Puts the parts of a daemon together on its loop, and runs them from READY to the end.
final class Supervisor {
    private let loop: EventLoop
    private let scheduler: Scheduler
    private let board: JobBoard
    private let ending: Ending
    private let manager: ServiceManager
    private let server: VarlinkServer
    private let logger: Logger
    private let crashLimit: Int

    /// How long clients have, in all, to take their last replies.
    private static let flushTime = Duration.seconds(1)

    init(_ plan: DaemonPlan, loop: EventLoop, context: Context) throws {
        self.loop = loop
        logger = plan.logger
        let configuration = plan.configuration
        let wallClock = WallClock.system
        let statistics = JobStatistics()
        scheduler = Scheduler(
            loop: loop, sharedContext: context, limits: Scheduler.Limits(configuration), statistics: statistics,
            wallClock: wallClock)
        let store = try JobStore(engine: plan.store, loop: loop, logger: plan.logger, now: wallClock.now)
        board = JobBoard(
            store: store, scheduler: scheduler, registry: plan.registry, wallClock: wallClock, logger: plan.logger)
        manager = ServiceManager(
            loop: loop, notifier: plan.notifier, watchdog: plan.watchdog, logger: plan.logger)
        ending = Ending(
            shutdown: Shutdown(drainTimeout: configuration.drainTimeout, cancelGrace: configuration.cancelGrace),
            poolTimeout: configuration.poolTimeout, scheduler: scheduler, manager: manager, logger: plan.logger)
        server = VarlinkServer(
            loop: loop, service: plan.service, limits: ServerLimits(configuration), onFault: plan.logFault)
        server.offer([
            Interface.jobs(board, scheduler, plan.registry, grace: configuration.cancelGrace),
            Interface.service(scheduler, plan.registry, store, ending, wallClock) { [unowned server] in
                server.connectionCount
            },
        ])
        scheduler.apply(settings: configuration.groups)
        crashLimit = configuration.crashLimit
        observe()
    }

    private func observe() {
        loop.isMeasuring = true
        if manager.isThere { scheduler.onStateChanged = { [unowned manager] in manager.statusChanged() } }
        scheduler.onRunningChanged = { [unowned self] in ending.runningChanged() }
        scheduler.onStuck = { [logger] job in
            logger.warning(
                "job \(job.label) was asked to end and does not",
                metadata: ["job": "\(job.id)", "kind": "\(job.kind.name)", "attempt": "\(job.attempt)"])
        }
        ending.stopListening = { [unowned self] in server.stopListening() }
    }

    /// Serves until the end: returns when jobs have ended, were interrupted, or are given up.
    func serve(_ listener: Listener) async throws {
        for signal in Daemon.endingSignals {
            try loop.addSignalHandler(signal) { [unowned self] in ending.signalled() }
        }
        let clockWatch = try ClockWatch(on: loop) { [scheduler] in scheduler.wallClockWasSet() }
        defer { clockWatch.close() }
        scheduler.wallClockWasSet()  // before it was watched, who knows
        try board.recoverPauses()
        try board.recover(crashLimit: crashLimit)
        board.store.beginSweeping()
        try server.listen(on: listener)
        manager.ready { [scheduler] in "\(scheduler.runningCount) jobs run, \(scheduler.waitingCount) wait" }
        logger.info("ready")
        try await ending.waitUntilOver()
        // Of jobs that are given up; they end while the loop still turns.
        loop.killPrograms()
        await board.close(within: Self.flushTime)
        server.stopListening()
        scheduler.close()
    }

    /// After the loop's end: the last replies go out, the store is closed, and there is one line about the end.
    func finish() {
        server.finish(within: Self.flushTime)
        do { try board.store.close() } catch { logger.error("the store could not be closed: \(error)") }
        logger.notice("the end; \(ending.summary)")
    }
}

extension Scheduler.Limits {
    init(_ configuration: Configuration) {
        self.init(
            running: configuration.runningLimit, waiting: configuration.queueLength,
            cancelGrace: configuration.cancelGrace, agingStep: configuration.priorityAging,
            backoff: RetryBackoff(first: configuration.retryDelay, longest: configuration.retryDelayLimit))
    }
}

extension ServerLimits {
    init(_ configuration: Configuration) {
        self.init()
        messageSize = configuration.messageSize
        nestingDepth = configuration.nestingDepth
        callsInFlight = configuration.callsInFlight
        connectionsPerUser = configuration.connectionsPerUID
    }
}
