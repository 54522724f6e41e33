import Logging
import Systemd
import Varlink

/// All that a daemon is made from, decided before its loop exists.
struct DaemonPlan {
    let configuration: Configuration
    let access: AccessPolicy
    let registry: JobRegistry
    let logger: Logger
    let notifier: Notifier
    let watchdog: Watchdog?
    let service: ServiceInfo
    let store: any StoreEngine
    let reload: Reloading.Source?

    /// Logs what a client did wrong.
    var logFault: (String, Peer) -> Void {
        { [logger] message, peer in
            logger.warning("\(message)", metadata: ["peer_pid": "\(peer.processID)", "peer_uid": "\(peer.userID)"])
        }
    }
}
