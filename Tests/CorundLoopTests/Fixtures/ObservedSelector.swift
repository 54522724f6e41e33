import CorundLoop
import Synchronization
import TestSupport

/// epoll, with a note of each wait and each change.
final class ObservedSelector: Selector {
    private let epoll: Epoll
    let waited = Log<Int64?>()
    private let wakeUps = Atomic(0)
    /// Opened as the loop goes to sleep without a limit.
    let asleep = Gate()
    private(set) var changes = 0

    init() throws {
        epoll = Epoll()
    }

    var limits: [Int64?] { waited.entries }
    var wakeCount: Int { wakeUps.load(ordering: .relaxed) }

    func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) throws(SystemCallError) {
        changes += 1
        try epoll.watch(descriptor, for: interest, before: before)
    }

    func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws(SystemCallError) {
        waited.append(limit)
        if limit == nil { asleep.open() }
        try epoll.wait(limit: limit, report: report)
    }

    func wake() {
        wakeUps.add(1, ordering: .relaxed)
        epoll.wake()
    }

    func close() {
        epoll.close()
    }

    var wakeDescriptor: CInt {
        get throws(SystemCallError) { try epoll.wakeDescriptor }
    }
}
