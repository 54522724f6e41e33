import CorundLoop
import Glibc

/// SIGINT during one run: a handler of the loop that does what ``InterruptCount`` says.
final class Interrupts {
    private let loop: EventLoop
    private var handler: Handle?
    private(set) var count = InterruptCount()
    /// What the first interrupt cancels.
    var body: TaskRecord?

    init(on loop: EventLoop) throws {
        self.loop = loop
        // A cycle, until the handler is removed or replaced: that lets go of what it calls.
        let handler = Handle { [self] in interrupted() }
        try loop.setSignalHandler(SIGINT, handler)
        self.handler = handler
    }

    /// To be called before the run's caller goes on.
    ///
    /// A handler that the body has put in its place stays.
    func end() {
        if let handler { loop.removeSignalHandler(SIGINT, ifStill: handler) }
    }

    private func interrupted() {
        switch count.interrupt(bodyIsCancelled: body?.isCancelled ?? false) {
        case .cancelBody: body?.cancel()
        case .stopWaiting: loop.stop()
        case .nothing: break
        }
    }
}
