import CLinux
import Glibc
import Synchronization

/// The Linux backend.
///
/// Facts about epoll that shape it:
/// - Level-triggered: a handler may read once and leave the rest, and is called again. Edge-triggered would save
///   no call here, because interest seldom changes, and would lose wake-ups for whoever does not read to EAGAIN.
/// - A descriptor is watched once, with one mask for reading and writing: epoll knows (file, number) pairs, and a
///   second registration of the same pair is EEXIST.
/// - Closing the last descriptor of a file removes it without a word; a duplicate keeps it, and its events. So
///   handlers are removed before a close, and events of numbers that nobody watches are dropped by the loop.
/// - To make an epoll, with an eventfd in it, and to close both takes longer than all else in a short loop's life. So that
///   is left until a loop first waits or watches: many that run a function or two never do.
package final class Epoll: Selector {
    /// On the loop's thread alone.
    private var opened: OpenedEpoll?
    private let entrance = Mutex(Entrance())

    /// How other threads wake the loop.
    private struct Entrance: Sendable {
        /// nil: until there is one, a wake-up is only remembered.
        var wakeup: CInt?
        var isWoken = false
    }

    package init() {}

    private func open() throws(SystemCallError) -> OpenedEpoll {
        if let opened { return opened }
        let new = try OpenedEpoll()
        try Self.control(new, new.wakeup.number, for: .readable, before: [])
        let isWoken = entrance.withLock { entrance in
            entrance.wakeup = new.wakeup.number
            return entrance.isWoken
        }
        opened = new
        if isWoken { wake() }
        return new
    }

    package func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) throws(SystemCallError) {
        try Self.control(open(), descriptor, for: interest, before: before)
    }

    private static func control(
        _ opened: OpenedEpoll, _ descriptor: CInt, for interest: Readiness, before: Readiness
    ) throws(SystemCallError) {
        guard interest != before else { return }
        let operation = interest.isEmpty ? EPOLL_CTL_DEL : before.isEmpty ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        var event = epoll_event()
        // EPOLLHUP and EPOLLERR are always reported: a mask of zero watches for a hang-up alone.
        event.events =
            (interest.contains(.readable) ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0)
            | (interest.contains(.writable) ? EPOLLOUT.rawValue : 0)
        event.data.fd = descriptor
        let result = epoll_ctl(opened.epoll.number, operation, descriptor, &event)
        // A descriptor that was closed first has left epoll by itself.
        if result < 0, interest.isEmpty, errno == EBADF || errno == ENOENT { return }
        try SystemCallError.check(result, "epoll_ctl", subject: "descriptor \(descriptor)")
    }

    package func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws(SystemCallError) {
        let opened = try open()
        let events = opened.events
        let count = corund_epoll_wait(opened.epoll.number, events.baseAddress, CInt(events.count), limit ?? -1)
        guard count >= 0 else {
            if errno == EINTR {
                errno = 0  // `readLine` would take it for its own, and never see the end of its input
                return
            }
            throw SystemCallError("epoll_wait")
        }
        for event in events.prefix(Int(count)) {
            let descriptor = event.data.fd
            if descriptor == opened.wakeup.number {
                opened.drainWakeup()
            } else {
                report(descriptor, Self.readiness(event.events))
            }
        }
    }

    package func wake() {
        entrance.withLock { entrance in
            guard let wakeup = entrance.wakeup else { return entrance.isWoken = true }
            var one: UInt64 = 1
            // With the lock held, or the number might be another file's by now. EAGAIN means that the counter is full: the
            // wake-up is there already.
            _ = write(wakeup, &one, MemoryLayout<UInt64>.size)
        }
    }

    package func close() {
        entrance.withLock { $0.wakeup = nil }
        opened = nil
    }

    package var wakeDescriptor: CInt {
        get throws(SystemCallError) { try open().wakeup.number }
    }

    private static func readiness(_ events: UInt32) -> Readiness {
        let broken = EPOLLERR.rawValue | EPOLLHUP.rawValue
        var readiness: Readiness = []
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue | broken) != 0 { readiness.insert(.readable) }
        if events & (EPOLLOUT.rawValue | broken) != 0 { readiness.insert(.writable) }
        if events & broken != 0 { readiness.insert(.hungUp) }
        return readiness
    }
}

/// The descriptors of an ``Epoll``, and where the kernel puts events.
private final class OpenedEpoll {
    let epoll: Descriptor
    let wakeup: Descriptor
    // SAFETY: allocated in init, freed in deinit, used only inside `wait`, on the loop's thread, and there only as far as
    // the kernel has written.
    let events: UnsafeMutableBufferPointer<epoll_event>

    /// Events taken in one call; what is left over comes with the next tick, in turn.
    private static let batch = 256

    init() throws(SystemCallError) {
        epoll = Descriptor(owning: try SystemCallError.check(epoll_create1(CInt(EPOLL_CLOEXEC)), "epoll_create1"))
        wakeup = Descriptor(
            owning: try SystemCallError.check(
                eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)), "eventfd"))
        events = .allocate(capacity: Self.batch)
    }

    deinit {
        events.deallocate()
    }

    func drainWakeup() {
        var count: UInt64 = 0
        _ = read(wakeup.number, &count, MemoryLayout<UInt64>.size)
    }
}
