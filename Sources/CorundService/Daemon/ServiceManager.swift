import CorundLoop
import Glibc
import Logging
import Systemd

/// Keeps systemd informed.
///
/// Without it, nothing happens here. It belongs to the loop.
final class ServiceManager {
    private let loop: EventLoop
    private let notifier: Notifier
    private let watchdog: Watchdog?
    private let logger: Logger
    private var status: () -> String = { "" }
    private var lastStatus = ""
    private var isStatusScheduled = false
    /// What systemd had no room for and must hear all the same, the oldest first.
    private var unheard: [[NotifyState]] = []

    /// When to try again, and how much to keep for a manager that hears nothing for long.
    private static let unheardPause = Duration.milliseconds(100)
    private static let mostUnheard = 16

    /// STATUS is sent at most so often, and only when it has changed.
    private static let statusPause = Duration.seconds(1)

    init(loop: EventLoop, notifier: Notifier, watchdog: Watchdog?, logger: Logger) {
        self.loop = loop
        self.notifier = notifier
        self.watchdog = watchdog
        self.logger = logger
    }

    /// Whether there is one to be told.
    var isThere: Bool { notifier.isEnabled }

    /// The daemon serves: READY=1, and from now on WATCHDOG=1 from the loop itself, so that a wedged loop is restarted.
    func ready(status: @escaping () -> String) {
        self.status = status
        lastStatus = status()
        tell(.ready, .status(lastStatus))
        if watchdog != nil { pingWatchdog() }
    }

    /// The configuration is being read again; ``reloaded()`` says that it was, or that the old one stays.
    func reloading() {
        tell(.reloadingNow())
    }

    /// READY=1, after ``reloading()``.
    func reloaded() {
        tell(.ready)
    }

    /// What runs or waits has changed.
    func statusChanged() {
        guard notifier.isEnabled, !isStatusScheduled else { return }
        isStatusScheduled = true
        _ = try? loop.callLater(Self.statusPause) { [unowned self] in
            isStatusScheduled = false
            let now = status()
            guard lastStatus != now else { return }
            // A queue that is full now has room later; nothing else may ever change the status again.
            if send([.status(now)]) { lastStatus = now } else { statusChanged() }
        }
    }

    /// The daemon ends, and needs at most so long for it.
    func stopping(within limit: Duration) {
        let status = status
        self.status = { "ending; \(status())" }
        tell(.stopping, .extendTimeout(limit))
        statusChanged()
    }

    /// The daemon has ended: what is shown of it from now on, in place of jobs that run no longer.
    func ended(_ lastWords: String) {
        _ = send([.status(lastWords)])
    }

    private func pingWatchdog() {
        guard let watchdog else { return }
        _ = send([.watchdog])  // it is said again before long
        _ = try? loop.callLater(watchdog.pingInterval) { [unowned self] in pingWatchdog() }
    }

    /// Tells what systemd waits for: at a busy boot its queue may be full, and then it is told a little later.
    private func tell(_ states: NotifyState...) {
        unheard.append(states)
        if unheard.count == 1 { tellUnheard() }
        unheard = unheard.suffix(Self.mostUnheard)
    }

    private func tellUnheard() {
        while let states = unheard.first {
            guard send(states) else {
                _ = try? loop.callLater(Self.unheardPause) { [unowned self] in tellUnheard() }
                return
            }
            unheard.removeFirst()
        }
    }

    /// - Returns: false where systemd's queue is full.
    private func send(_ states: [NotifyState]) -> Bool {
        do { try notifier.notify(states) } catch {
            if error.errorNumber == EAGAIN { return false }
            logger.warning("systemd could not be told \(states): \(error)")
        }
        return true
    }
}
