import CorundLoop
import Glibc

/// SIGINT kept from ending the process: counted, until the release, whether or not a run handles it meanwhile.
struct InterruptHold {
    /// False when the host program holds it anyway (``Signals/hold(_:exitingAtDelivery:)``).
    let isOurs: Bool

    /// Takes SIGINT over.
    ///
    /// - Parameter wanted: when absent, it is on the main thread while SIGINT has its default disposition.
    /// - Returns: nil when it is not wanted.
    /// - Throws: ``RunnerError/interruptsHandledElsewhere``.
    static func take(wanted: Bool?) throws -> InterruptHold? {
        guard let wanted else {
            return try MainQueue.isOnMainThread && Signals.holdIfDefault(SIGINT) ? InterruptHold(isOurs: true) : nil
        }
        guard wanted else { return nil }
        guard !Signals.isHandled(SIGINT) else { throw RunnerError.interruptsHandledElsewhere }
        guard !Signals.isTaken(SIGINT) else { return InterruptHold(isOurs: false) }
        try Signals.hold(SIGINT)
        return InterruptHold(isOurs: true)
    }

    /// Does with SIGINT again what was done before.
    func release() {
        if isOurs { Signals.release(SIGINT) }
    }
}
