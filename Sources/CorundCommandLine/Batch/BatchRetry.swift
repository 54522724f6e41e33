import CorundAPI
import CorundLoop
import Varlink

/// Whether a batch that was not recorded is sent again, and when.
///
/// Pure. What the daemon refused for now is sent again for ``patience``; so is what never reached it. When the connection
/// was lost before the answer, the batch may have been recorded: only one whose jobs all have keys is sent again.
package struct BatchRetry {
    package static let patience = Duration.seconds(60)

    private let isRepeatable: Bool
    private var backoff = ReconnectBackoff()

    package init(isRepeatable: Bool) {
        self.isRepeatable = isRepeatable
    }

    /// How long to wait before the batch is sent again, if it is.
    ///
    /// - Parameters:
    ///   - error: what became of it.
    ///   - elapsed: since it was first sent.
    ///   - draw: from 0 to 1, for the jitter.
    /// - Returns: the pause; nil to give up.
    package mutating func pause(after error: any Error, elapsed: Duration, draw: Double) -> Duration? {
        guard elapsed < Self.patience else { return nil }
        if case JobsError.queueFull(_, let milliseconds) = error {
            return max(min(.milliseconds(milliseconds), Self.patience), backoff.nextPause(draw: draw))
        }
        guard ReconnectBackoff.mayPass(error), isRepeatable || !Self.isUncertain(error) else { return nil }
        return backoff.nextPause(draw: draw)
    }

    /// Whether the batch may have been recorded all the same.
    package static func isUncertain(_ error: any Error) -> Bool {
        switch error {
        case ClientError.connectionClosed, ClientError.violation, is CancellationError: true
        default: false
        }
    }
}
