import CorundLoop
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

    /// What logs what a client did wrong, as often as a ``FaultLedger`` allows by the time of `loop`.
    func faultLog(on loop: EventLoop) -> (String, Peer) -> Void {
        var ledger = FaultLedger()
        return { [logger] fault, peer in
            guard let entry = ledger.entry(for: fault, of: peer.userID, at: loop.now) else { return }
            logger.warning("\(entry)", metadata: ["peer_pid": "\(peer.processID)", "peer_uid": "\(peer.userID)"])
        }
    }
}
