import CorundAPI
import CorundLoop
import Logging
import Varlink

/// Reads the configuration again, and puts it in force: all of it, or nothing.
///
/// It belongs to the loop.
final class Reloading: @unchecked Sendable {
    // SAFETY: confined to the loop; `source` is called on another thread, and is Sendable.
    /// Reads it, on a thread of the blocking pool.
    typealias Source = @Sendable () throws -> DaemonSettings

    private let source: Source
    private let parts: Parts
    private let logger: Logger
    private var configuration: Configuration
    private var isReading = false
    private var isRequested = false
    private let hasRead: LoopSignal

    /// What a configuration is put in force in.
    struct Parts {
        let scheduler: Scheduler
        let board: JobBoard
        let server: VarlinkServer
        let ending: Ending
        let manager: ServiceManager

        var loop: EventLoop { scheduler.loop }
    }

    init(_ source: @escaping Source, running configuration: Configuration, _ parts: Parts, logger: Logger) {
        self.source = source
        self.configuration = configuration
        self.parts = parts
        self.logger = logger
        hasRead = LoopSignal(loop: parts.loop)
    }

    /// As ``reload()``, for nobody who could be told: the log is.
    ///
    /// While one waits for another that is under way, that one is enough.
    func begin() {
        guard !isRequested else { return }
        isRequested = true
        _ = try? parts.loop.spawn(name: "reload") { _ = try? await self.perform() }
    }

    /// - Returns: what was put in force, and what would need a restart.
    /// - Throws: ``ServiceError/configurationInvalid(file:line:message:)``, and then nothing has changed;
    ///   ``JobsError/draining``.
    func reload() async throws -> ReloadResult {
        // A task of its own: whoever has asked may be gone before it is done, and nothing must be half done then.
        try await parts.loop.spawn(name: "reload") { try await self.perform() }.value
    }

    private func perform() async throws -> ReloadResult {
        while isReading { try await hasRead.wait() }
        isRequested = false
        try checkIsServing()
        isReading = true
        parts.manager.reloading()
        defer {
            isReading = false
            hasRead.notify()
            if !parts.scheduler.isDraining { parts.manager.reloaded() }
        }
        do {
            let (settings, accounts, access) = try await parts.loop.runBlocking { [source] in
                let settings = try source()
                let accounts = settings.configuration.access.resolve()  // which may ask name services
                return (settings, accounts, try accounts.policy())
            }
            try checkIsServing()
            parts.server.apply(access)
            accounts.report(to: logger)
            return use(settings)
        } catch let error as ConfigurationError {
            throw refuse(error)
        } catch let error where error is CancellationError || error is JobsError {
            throw error
        } catch {
            throw refuse(ConfigurationError(problems: [.init(file: "", message: "\(error)")]))
        }
    }

    private func checkIsServing() throws(JobsError) {
        guard !parts.scheduler.isDraining else { throw .draining }
    }

    private func use(_ settings: DaemonSettings) -> ReloadResult {
        let possible = settings.configuration.withoutRestart(of: configuration)
        let result = ReloadResult(
            changed: possible.keysThatDiffer(from: configuration),
            needsRestart: settings.configuration.keysThatDiffer(from: possible))
        settings.whenInForce()
        apply(possible, settings.registry)
        let changes = result.changed.isEmpty ? "nothing has changed" : result.changed.joined(separator: ", ")
        logger.notice("configuration read: \(changes)")
        if let keys = result.needsRestart {
            logger.warning("a change of \(keys.joined(separator: ", ")) counts after a restart")
        }
        return result
    }

    private func apply(_ new: Configuration, _ registry: JobRegistry) {
        // What one part makes room for starts when all parts are in force: its kind may be about to be taken away.
        parts.scheduler.gather()
        defer { parts.scheduler.release() }
        parts.scheduler.apply(Scheduler.Limits(new))
        parts.scheduler.apply(settings: new.groups)
        parts.scheduler.log.levelChanged()
        parts.board.store.apply(Retention(new))
        parts.board.replaceKinds(with: registry)
        parts.ending.apply(new)
        parts.server.limits = ServerLimits(new)
        // Unless it has changed, what `SetDebug` has said counts.
        if new.debug != configuration.debug { parts.loop.isDebugging = new.debug }
        configuration = new
    }

    private func refuse(_ error: ConfigurationError) -> ServiceError {
        logger.error("the configuration cannot be taken and stays as it was:")
        for problem in error.problems { logger.error("\(problem)") }
        let first = error.problems[0]
        let others = error.problems.count - 1
        let message = [first.key, first.message].compactMap { $0 }.joined(separator: ": ")
        return .configurationInvalid(
            file: first.file, line: first.line ?? 0,
            message: others == 0 ? message : "\(message) (and \(others) more, see `corund --check-config`)")
    }
}
