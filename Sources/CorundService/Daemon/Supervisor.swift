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
    /// Nil when nothing can be read again.
    private let reloading: Reloading?
    private let logger: Logger
    private let crashLimit: Int

    /// How long clients have, in all, to take their last replies.
    private static let flushTime = Duration.seconds(1)

    /// How long the disk has for its last words; more would be beyond what the service manager is told of.
    private static let storeTime = Duration.seconds(2)

    init(_ plan: DaemonPlan, loop: EventLoop, context: Context) throws {
        self.loop = loop
        logger = plan.logger
        let configuration = plan.configuration
        let wallClock = WallClock.system
        let statistics = JobStatistics()
        scheduler = Scheduler(
            loop: loop, sharedContext: context, limits: Scheduler.Limits(configuration), statistics: statistics,
            wallClock: wallClock, logger: plan.logger)
        let store = try JobStore(engine: plan.store, loop: loop, logger: plan.logger, now: wallClock.now)
        board = JobBoard(
            store: store, scheduler: scheduler, kinds: KindCatalog(plan.registry), wallClock: wallClock,
            logger: plan.logger)
        manager = ServiceManager(
            loop: loop, notifier: plan.notifier, watchdog: plan.watchdog, logger: plan.logger)
        ending = Ending(configuration, scheduler: scheduler, manager: manager, logger: plan.logger)
        server = VarlinkServer(
            loop: loop, service: plan.service, limits: ServerLimits(configuration), onFault: plan.faultLog(on: loop))
        server.apply(plan.access)
        let parts = Reloading.Parts(
            scheduler: scheduler, board: board, server: server, ending: ending, manager: manager)
        reloading = plan.reload.map { Reloading($0, running: configuration, parts, logger: plan.logger) }
        server.offer([
            Interface.jobs(board, scheduler),
            Interface.service(scheduler, board, ending, reloading, wallClock) { [unowned server] in
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
        ending.stopListening = { [unowned self] in server.stopListening() }
    }

    /// Serves until the end: returns when jobs have ended, were interrupted, or are given up.
    func serve(_ listener: Listener) async throws {
        try handleSignals()
        let clockWatch = try ClockWatch(on: loop) { [scheduler] in scheduler.wallClockWasSet() }
        defer { clockWatch.close() }
        scheduler.wallClockWasSet()  // before it was watched, who knows
        try board.recoverPauses()
        try board.recover(crashLimit: crashLimit)
        board.store.beginSweeping()
        try server.listen(on: listener)
        manager.ready { [scheduler] in scheduler.summary }
        logger.info("ready")
        try await ending.waitUntilOver()
        // Of jobs that are given up; they end while the loop still turns.
        loop.killPrograms()
        await board.close(within: Self.flushTime)
        server.stopListening()
        scheduler.close()
    }

    /// How long blocking work has to end, by the configuration that is in force.
    var poolTimeout: Duration { ending.poolTimeout }

    private func handleSignals() throws {
        for signal in Daemon.endingSignals {
            try loop.addSignalHandler(signal) { [unowned self] in ending.signalled() }
        }
        try loop.addSignalHandler(SIGHUP) { [unowned self] in
            if let reloading, !Daemon.endsAtHangUp { reloading.begin() } else { ending.signalled() }
        }
    }

    /// After the loop's end: the last replies go out, the store is closed, and there is one line about the end.
    func finish() {
        server.finish(within: Self.flushTime)
        do { try board.store.close(within: Self.storeTime) } catch {
            logger.error("the store could not be closed: \(error)")
        }
        let lastWords = "the end; \(ending.summary)"
        manager.ended(lastWords)
        logger.notice("\(lastWords)")
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
