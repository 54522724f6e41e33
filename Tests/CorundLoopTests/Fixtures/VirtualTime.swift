import CorundLoop
import SystemPackage

/// A clock and a selector in one: time stands still while the loop works, and jumps to where it would sleep to.
final class VirtualTime: LoopClock, Selector {
    private(set) var nanoseconds: Int64 = 0
    /// What the loop asked to wait for, each time it asked.
    private(set) var limits: [Int64?] = []
    private var isWoken = false

    func now() -> LoopTime { LoopTime(nanoseconds: nanoseconds) }

    /// As if what runs now took so long.
    func advance(by duration: Duration) {
        nanoseconds += duration.clampedNanoseconds
    }

    func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) throws(SystemCallError) {}

    func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws(SystemCallError) {
        limits.append(limit)
        if isWoken {
            isWoken = false
            return
        }
        guard let limit else { throw SystemCallError("wait", errno: .deadlock, subject: "for ever") }
        nanoseconds += limit
    }

    func wake() {
        isWoken = true
    }
}
