import CorundService
import Glibc

/// The stock daemon with one kind more, `wedge`, which never gives the loop's thread back: what a watchdog is for.
@main
enum WedgeDaemon {
    static func main() throws {
        try Daemon.prepareProcess()
        let configuration = try Configuration.load(file: "/etc/corund/corund.toml", isRequired: false)
        var registry = try JobRegistry.stock(configuration, environment: [:])
        registry.registerRaw("wedge", KindOptions(summary: "Holds the event loop for ever")) { _, _ in
            while true { pause() }
        }
        try Daemon(configuration: configuration, registry: registry, environment: serviceManagerEnvironment).run()
    }

    /// What the service manager says to the daemon.
    private static var serviceManagerEnvironment: [String: String] {
        ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "RUNTIME_DIRECTORY", "STATE_DIRECTORY"]
            .reduce(into: [:]) { environment, name in
                environment[name] = getenv(name).map { String(cString: $0) }
            }
    }
}
