import CorundLoop
import SystemPackage

/// A clock that stands still until the selector moves it.
final class VirtualClock: LoopClock, @unchecked Sendable {
    // SAFETY: confined to the test's thread; Sendable because a wall clock made from it must be.
    private(set) var time = LoopTime(nanoseconds: 0)

    func now() -> LoopTime { time }

    func advance(by nanoseconds: Int64) {
        time = LoopTime(nanoseconds: time.nanoseconds + nanoseconds)
    }
}

/// Waits by moving the clock to the next deadline.
///
/// A wait without one would never end: then it throws, so that a test that waits for what does not come fails at once.
final class VirtualSelector: Selector {
    private let clock: VirtualClock

    init(_ clock: VirtualClock) {
        self.clock = clock
    }

    func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) {}

    func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws(SystemCallError) {
        guard let limit else { throw SystemCallError("nothing left to wait for", errno: .deadlock) }
        clock.advance(by: limit)
    }

    func wake() {}
}
