import Glibc

/// The service manager's watchdog over this process, as sd_watchdog_enabled(3) tells it.
public struct Watchdog: Hashable, Sendable {
    /// The manager acts when this much time passes without a ``NotifyState/watchdog``; more than zero.
    public let timeout: Duration

    /// How often to send ``NotifyState/watchdog``: half of the timeout, as sd_watchdog_enabled(3) recommends.
    public var pingInterval: Duration { timeout / 2 }

    /// The watchdog that the environment asks for, or `nil` when there is none for this process.
    ///
    /// Reads `WATCHDOG_USEC` (microseconds), and `WATCHDOG_PID`, which, when present, must name this process: a child
    /// that inherits the variables is not the one that is watched. `WatchdogSec=infinity` is none, as for systemd itself
    /// (sd_watchdog_enabled(3) calls it an error, which would keep the service from starting).
    ///
    /// - Parameters:
    ///   - environment: The environment that the process was started with.
    ///   - processIdentifier: This process, as getpid(2) says.
    /// - Throws: ``SystemdError`` with `EINVAL` when one of the variables is not a positive number.
    public init?(environment: [String: String], processIdentifier: Int32) throws(SystemdError) {
        guard let interval = environment["WATCHDOG_USEC"] else { return nil }
        guard interval != Self.infinity else { return nil }
        guard let microseconds = Int64(interval), microseconds > 0 else {
            throw SystemdError(operation: .watchdogInterval, errorNumber: EINVAL)
        }
        if let process = environment["WATCHDOG_PID"] {
            guard let watched = Int32(process), watched > 0 else {
                throw SystemdError(operation: .watchdogProcess, errorNumber: EINVAL)
            }
            guard watched == processIdentifier else { return nil }
        }
        timeout = .microseconds(microseconds)
    }

    /// `USEC_INFINITY`, as systemd writes it into the environment.
    private static let infinity = String(UInt64.max)
}
