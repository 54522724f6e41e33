import CorundLoop
import SystemPackage

/// epoll that can be told to fail.
final class FailingSelector: Selector {
    static let failure = SystemCallError("epoll_wait", errno: .badFileDescriptor)

    private let epoll: Epoll
    var isFailing = false

    init() throws {
        epoll = Epoll()
    }

    func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) throws(SystemCallError) {
        try epoll.watch(descriptor, for: interest, before: before)
    }

    func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws(SystemCallError) {
        if isFailing { throw Self.failure }
        try epoll.wait(limit: limit, report: report)
    }

    func wake() {
        epoll.wake()
    }

    func close() {
        epoll.close()
    }

    var wakeDescriptor: CInt {
        get throws(SystemCallError) { try epoll.wakeDescriptor }
    }
}
