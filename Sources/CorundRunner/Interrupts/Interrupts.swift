import CorundLoop
import Glibc

/// SIGINT during the runs of a runner: a handler of the loop that does what ``InterruptCount`` says.
final class Interrupts {
    private let loop: EventLoop
    /// Kept from run to run: it would be three objects for each. (Only a run calls it, which keeps us.)
    private lazy var handler = Handle { [unowned self] in interrupted() }
    private(set) var count = InterruptCount()
    /// What the first interrupt cancels; nil between the runs.
    private var body: TaskRecord?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// To be called before a run, which is that of `body`.
    func begin(_ body: TaskRecord) throws {
        // A body that has replaced or removed the last run's has cancelled it.
        if handler.isCancelled { handler = Handle { [unowned self] in interrupted() } }
        try loop.setSignalHandler(SIGINT, handler)
        self.body = body
        count = InterruptCount()
    }

    /// To be called before the run's caller goes on.
    ///
    /// A handler that the body has put in its place stays.
    func end() {
        let wasOurs = loop.takeSignalHandler(SIGINT, ifStill: handler)
        if wasOurs, Signals.takeDeliveries(of: SIGINT) > 0 { count.interruptUnheard() }
        body = nil
    }

    private func interrupted() {
        guard let body else { return }
        guard body.isLive else { return count.interruptUnheard() }
        switch count.interrupt(bodyIsCancelled: body.isCancelled) {
        case .cancelBody: body.cancel()
        case .stopWaiting: loop.stop()
        case .nothing: break
        }
    }
}
