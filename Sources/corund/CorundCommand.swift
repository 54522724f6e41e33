import ArgumentParser
import CorundAPI
import CorundService
import Glibc
import Logging
import Systemd

/// The stock daemon: flags, wiring, exit codes.
@main
struct CorundCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corund",
        abstract: "Runs jobs in one event loop, and takes them over a Unix socket.",
        discussion: """
            Without any flag it reads ~/.config/corund/corund.toml, or /etc/corund/corund.toml for root, where that is, \
            and the socket is $XDG_RUNTIME_DIR/corund/corund.sock, or /run/corund/corund.sock for root. SIGTERM ends it \
            gracefully; a second one does not wait for jobs, a third one ends it at once. Exit status: 0 after a \
            graceful end, 64 for wrong flags, 69 when it cannot listen or its state cannot be used, 78 for a wrong \
            configuration, 70 for a fault of its own, 74 when --print-config cannot write.
            """,
        version: CorundVersion.current)

    @Option(help: ArgumentHelp("Read this file, and conf.d/*.toml beside it.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Listen on this socket.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Keep state in this folder.", valueName: "path"))
    var stateDir: String?

    @Flag(help: "Run the loop in debug mode: what holds it for 0.1 s or more is logged.")
    var debug = false

    @Flag(help: "Check the configuration and exit.")
    var checkConfig = false

    @Flag(help: "Print the configuration that is in force and exit.")
    var printConfig = false

    /// As the process was started with it: what `Daemon.prepareProcess` sets is no business of the programs of `exec`.
    private static let environment = ProcessEnvironment.all

    static func main() {
        _ = environment
        // First, so that a signal that comes during start-up counts.
        do { try Daemon.prepareProcess() } catch { CorundExit.fault.end("\(error)") }
        main(nil)
    }

    func validate() throws {
        for (flag, path) in [("--config", config), ("--socket", socket), ("--state-dir", stateDir)] where path == "" {
            throw ValidationError("\(flag) is empty; name a path")
        }
    }

    mutating func run() throws {
        let environment = Self.environment
        // A check that a service makes of its own is not for that service's status.
        let manager = checkConfig || printConfig ? nil : Notifier(environment: environment)
        let settings: Configuration
        do { settings = try effectiveConfiguration(environment) } catch {
            CorundExit.configuration.end("\(error)", telling: manager)
        }
        if checkConfig { return tellIfNothingIsThere(environment) }
        if printConfig { return CorundExit.print(settings.render()) }
        let threshold = LogThreshold(settings.logLevel)
        let log = LogQueue(to: .current(environment: environment), identifier: "corund")
        LoggingSystem.bootstrap { log.makeHandler(label: $0, threshold: threshold) }
        let end = Result { try serve(settings, threshold, environment) }
        log.finish(within: Self.lastWordsTime)
        do { try end.get() } catch let error as ConfigurationError {
            CorundExit.configuration.end("\(error)", telling: manager)
        } catch let error as DaemonError {
            CorundExit.unavailable.end("\(error)", telling: manager)
        } catch {
            CorundExit.fault.end("\(error)", telling: manager)
        }
    }

    /// A check of nothing must not pass for one of the file that somebody has in mind.
    private func tellIfNothingIsThere(_ environment: [String: String]) {
        let file = Configuration.defaultFile(environment: environment, userID: geteuid())
        if config == nil, access(file, F_OK) != 0 {
            CorundExit.complain("there is no \(file); the defaults hold for all that no drop-in sets")
        }
    }

    private func serve(_ settings: Configuration, _ threshold: LogThreshold, _ environment: [String: String]) throws {
        let registry = try JobRegistry.stock(settings, environment: environment)
        try Daemon(configuration: settings, registry: registry, environment: environment) {
            let settings = try effectiveConfiguration(environment)
            let registry = try JobRegistry.stock(settings, environment: environment)
            return DaemonSettings(configuration: settings, registry: registry) { threshold.level = settings.logLevel }
        }.run()
    }

    /// How long a journal that does not take entries, or a pipe that nobody reads, can hold the exit.
    private static let lastWordsTime = Duration.seconds(5)

    /// What the files say, under what the flags say.
    private func effectiveConfiguration(_ environment: [String: String]) throws -> Configuration {
        let file = config ?? Configuration.defaultFile(environment: environment, userID: geteuid())
        var settings = try Configuration.load(file: file, isRequired: config != nil)
        if let socket { settings.socket = socket }
        if let stateDir { settings.stateDirectory = stateDir }
        if debug { settings.debug = true }
        return settings
    }
}
