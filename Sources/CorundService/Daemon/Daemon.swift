import CLinux
import CorundAPI
import CorundLoop
import CorundRunner
import Glibc
public import Logging
import Systemd
import Varlink

/// A daemon that runs jobs of registered kinds: the socket, the queue, the health checks, systemd and the end are its
/// business; yours are the kinds.
///
///     var registry = JobRegistry()
///     registry.register("thumbnail") { (arguments: Thumbnail, job) in try await render(arguments) }
///     try Daemon.prepareProcess()
///     try Daemon(registry: registry, environment: ProcessInfo.processInfo.environment).run()
public final class Daemon {
    private let configuration: Configuration
    private let registry: JobRegistry
    private let environment: [String: String]
    private let product: String
    private let logger: Logger
    private let reload: (@Sendable () throws -> DaemonSettings)?

    static let endingSignals = [SIGTERM, SIGINT]
    /// The delivery of one of these signals that ends the process at once, whatever the loop is doing.
    private static let lastDelivery = 3
    private static let heldSignals = endingSignals + [SIGHUP]

    /// A daemon that does nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: limits, times and paths.
    ///   - registry: the kinds of job.
    ///   - environment: the process's, which says what the service manager wants (`NOTIFY_SOCKET`, `WATCHDOG_USEC`,
    ///     `RUNTIME_DIRECTORY`) and where a user's files are.
    ///   - product: what `GetInfo` answers.
    ///   - logger: where to log.
    ///   - reload: reads the configuration again, for `Reload` and SIGHUP; called on a thread of its own. What it throws
    ///     as ``ConfigurationError`` is told to whoever has asked, and everything stays as it was. nil: nothing can be
    ///     changed while the daemon runs.
    public init(
        configuration: Configuration = Configuration(), registry: JobRegistry, environment: [String: String],
        product: String = "corund", logger: Logger = Logger(label: "corund"),
        reload: (@Sendable () throws -> DaemonSettings)? = nil
    ) {
        self.configuration = configuration
        self.registry = registry
        self.environment = environment
        self.product = product
        self.logger = logger
        self.reload = reload
    }

    /// To be called first thing in `main`: a signal that comes from now on counts, also before the daemon is up.
    ///
    /// - Throws: `EventLoopError`, which no daemon need expect; `SystemCallError`, where a standard descriptor is closed and
    ///   there is no `/dev/null` to take its place.
    public static func prepareProcess() throws {
        try SystemCallError.check(corund_open_standard_descriptors(), "open", subject: "/dev/null")
        DefaultExecutor.install()
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in endingSignals { try Signals.hold(signal, exitingAtDelivery: lastDelivery) }
        try Signals.hold(SIGHUP, exitingAtDelivery: endsAtHangUp ? lastDelivery : nil)
        for signal in heldSignals { sigaddset(&signals, signal) }
        // Whoever started us may have blocked them, as threads of libdispatch do: nothing but SIGKILL would end us.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow (`LimitFSIZE`) is an error of the disk's then, and not the end.
        signal(SIGXFSZ, SIG_IGN)
        // libdispatch, which SQLite's library uses here and there, wants a raised priority for a thread of its own, and says
        // on standard error when it may not have it: nobody can do anything about that, and nothing depends on it.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        // Where it is ignored, as who started us may have had it, the kernel tells nobody how a child ended.
        signal(SIGCHLD, SIG_DFL)
    }

    /// Whether SIGHUP means that the terminal has hung up, so that it ends the daemon; otherwise it means a reload.
    ///
    /// Where nobody listens to it from the start (`nohup`), the daemon is to outlive its terminal.
    static let endsAtHangUp: Bool = {
        let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
        if terminal >= 0 { close(terminal) }
        return terminal >= 0 && !Signals.isIgnored(SIGHUP)
    }()

    /// Runs the daemon to its end.
    ///
    /// The loop has a thread of its own. The main thread, when this is called on it, serves `@MainActor` code meanwhile.
    ///
    /// - Throws: ``DaemonError`` when it cannot start; ``ConfigurationError`` for users or groups that there are not;
    ///   `SystemCallError` where there are too few descriptors or threads for it.
    public func run() throws {
        try LibDispatch.openDescriptors()
        let accounts = configuration.access.resolve()
        let access = try accounts.policy()
        let store = try openStore()
        // SAFETY: made here, used on the loop's thread alone, which starts after and is joined.
        nonisolated(unsafe) let listener = try makeListener()
        let plan = try makePlan(store, access)
        accounts.report(to: logger)
        // The process may run another daemon, which is to end as gracefully.
        defer { for signal in Self.heldSignals { Signals.countAnew(signal) } }
        let thread = try LoopThread(name: "corund-loop") { [configuration] in
            try Self.serve(plan, listener, isDebugging: configuration.debug)
        }
        MainQueue.serve(until: thread.ended)
        do { try thread.join() } catch let error as StoreError { throw DaemonError.state("\(error)") }
    }

    /// The life of the loop, on its thread.
    private static func serve(_ plan: DaemonPlan, _ listener: Listener, isDebugging: Bool) throws {
        let runner = Runner(debug: isDebugging ? true : nil)
        let loop = try runner.loop
        loop.becomeDefault()
        loop.exceptionHandler = { plan.logger.error("\($0)") }
        nonisolated(unsafe) let supervisor = try Supervisor(plan, loop: loop, context: runner.context)
        // SAFETY: both belong to this thread's loop, on which the body runs.
        nonisolated(unsafe) let listener = listener
        try runner.run { try await supervisor.serve(listener) }
        try runner.close(
            taskTimeout: lastTaskTimeout, generatorTimeout: generatorTimeout,
            poolTimeout: supervisor.poolTimeout)
        supervisor.finish()
    }

    /// For tasks that are left when the jobs have had their grace; nothing of ours needs it.
    private static let lastTaskTimeout = Duration.seconds(1)

    /// For the clean-up of generators that handlers have left; within the margin that the service manager is told of.
    private static let generatorTimeout = Duration.seconds(5)

    private func makePlan(_ store: any StoreEngine, _ access: AccessPolicy) throws(DaemonError) -> DaemonPlan {
        do {
            return DaemonPlan(
                configuration: configuration, access: access, registry: registry, logger: logger,
                notifier: Notifier(environment: environment),
                watchdog: try Watchdog(environment: environment, processIdentifier: getpid()),
                service: ServiceInfo(
                    vendor: "corund", product: product, version: CorundVersion.current, url: ""), store: store,
                reload: reload)
        } catch {
            throw .serviceManager("\(error)")
        }
    }

    private func openStore() throws(DaemonError) -> any StoreEngine {
        let retention = Retention(configuration)
        do {
            if configuration.durability == .none { return try MemoryEngine(retention: retention) }
            let folder = DaemonPaths.stateFolder(
                configured: configuration.stateDirectory, environment: environment, userID: geteuid())
            try Folder.prepare(folder, role: "state")
            return try FileEngine(
                folder: folder, isFullySynchronous: configuration.durability == .full,
                retention: retention)
        } catch let error as DaemonError {
            throw error
        } catch {
            throw .state("\(error)")
        }
    }

    private func makeListener() throws -> Listener {
        if let inherited = try inheritedListener() { return inherited }
        let paths = DaemonPaths(configured: configuration.socket, environment: environment, userID: geteuid())
        if paths.makesSocketFolder { try Folder.prepare(paths.socketFolder, role: "socket") }
        do { return try Listener(path: paths.socket) } catch { throw DaemonError.socket("\(error)") }
    }

    /// The socket that the service manager has passed on; nil when it has not.
    private func inheritedListener() throws(DaemonError) -> Listener? {
        do {
            let inherited = try ListenFDs.take()
            guard let first = inherited.first else { return nil }
            // Whoever connects to one that is left aside would wait for ever.
            guard inherited.count == 1, try first.isUnixListener() else {
                let passed = inherited.count.counting("descriptor", "descriptors")
                throw DaemonError.serviceManager("it passes \(passed) instead of one listening Unix stream socket")
            }
            return try Listener(adopting: Descriptor(owning: first.descriptor))
        } catch let error as DaemonError {
            throw error
        } catch {
            throw .serviceManager("\(error)")
        }
    }
}
