import CorundLoop
import SystemPackage
import Varlink

/// When to connect again after a connection was lost: pauses that double from 0.1 s to 2 s, with jitter, so that many
/// clients do not all come at once to a daemon that is back.
///
/// Pure.
package struct ReconnectBackoff: Equatable, Sendable {
    package static let first = Duration.milliseconds(100)
    package static let longest = Duration.seconds(2)

    private var step = Self.first

    package init() {}

    /// The pause before the next attempt: a `draw` from 0 to 1 of the upper half of the step.
    package mutating func nextPause(draw: Double) -> Duration {
        defer { step = min(step * 2, Self.longest) }
        return step / 2 + step / 2 * draw
    }

    /// The connection worked: the next loss begins anew.
    package mutating func reset() {
        step = Self.first
    }

    /// Whether `error` says that the daemon is gone, or about to go, and may come back: it ended, its socket is not there
    /// or nobody listens at it yet, or it is draining.
    package static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case ClientError.connectionClosed, JobsError.draining: true
        case ClientError.unreachable(_, let error):
            [.noSuchFileOrDirectory, .connectionRefused, .connectionReset].contains(error.errno)
        default: false
        }
    }
}
