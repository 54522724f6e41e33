import Synchronization

/// What the two sides of a task know of it: the task itself, which ends on its loop, and whoever may ask for its result,
/// on any thread.
///
/// It says once that a failure will never be asked for: when the task has failed and its handle is gone, whichever comes
/// later.
struct FailureNotice: ~Copyable, Sendable {
    /// What one side has to say.
    enum Fact: UInt8 {
        case failed = 1
        case handleGone = 2
        /// Someone has asked for the result, or tells of the failure in another way.
        case observed = 4
    }

    private let facts = Atomic<UInt8>(0)

    /// Takes note of `fact`.
    ///
    /// - Returns: whether that makes it a failure which nobody will hear of.
    func note(_ fact: Fact) -> Bool {
        let (before, after) = facts.bitwiseOr(fact.rawValue, ordering: .acquiringAndReleasing)
        return before != after && after == Fact.failed.rawValue | Fact.handleGone.rawValue
    }
}

/// Failures that nobody has asked for, on their way from the thread where the last handle went to the loop.
///
/// Handles outlive loops, so each has a reference to this and none to the loop. (A weak one would give the loop a side
/// table, which makes every other reference to it slow.)
@usableFromInline
final class UnobservedFailures: Sendable {
    private struct State {
        // SAFETY: the loop takes itself out with `close`, which waits for the lock, before it goes.
        unowned(unsafe) var loop: EventLoop?
        var reports: [ExceptionReport] = []
    }

    private let state = Mutex(State())

    func open(for loop: EventLoop) {
        state.withLock { $0.loop = loop }
    }

    /// Has the loop report it, from any thread.
    ///
    /// When the loop is closed, its exception handler can be told nothing any more: the default one is.
    func add(_ report: ExceptionReport) {
        let isAccepted = state.withLock { state in
            guard let loop = state.loop else { return false }
            state.reports.append(report)
            return loop.push(.handle(Handle { [unowned loop] in loop.reportUnobservedFailures() }))
        }
        if !isAccepted { EventLoop.writeToStandardError(report) }
    }

    func take() -> [ExceptionReport] {
        state.withLock { state in
            defer { state.reports = [] }
            return state.reports
        }
    }

    /// Ends the way to the loop, before it takes no work any more; gives what it has not reported.
    func close() -> [ExceptionReport] {
        state.withLock { $0.loop = nil }
        return take()
    }
}

extension EventLoop {
    fileprivate func reportUnobservedFailures() {
        for failure in unobservedFailures.take() { report(failure) }
    }
}
