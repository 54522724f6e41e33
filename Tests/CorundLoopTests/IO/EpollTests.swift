import CLinux
import CorundLoop
import Glibc
import SystemPackage
import Testing

struct EpollTests {
    @Test func aWakeUpThatCameFirstEndsTheNextWait() throws {
        let epoll = Epoll()
        epoll.wake()
        epoll.wake()
        try epoll.wait(limit: nil) { _, _ in Issue.record("nothing is watched") }
        try epoll.wait(limit: 0) { _, _ in Issue.record("nothing is watched") }
    }

    @Test func aWaitNeverEndsBeforeItsLimit() throws {
        let (epoll, clock) = (Epoll(), MonotonicClock())
        for limit in [Int64(1), 1000, 1_500_001] {
            let before = clock.now()
            try epoll.wait(limit: limit) { _, _ in }
            #expect(clock.now().duration(since: before) >= .nanoseconds(limit))
        }
    }

    @Test func moreDescriptorsThanABatchAllGetTheirTurn() throws {
        let epoll = Epoll()
        let pairs = try (0..<300).map { _ in try SocketPair() }
        for pair in pairs {
            pair.send()
            try epoll.watch(pair.ours, for: .readable, before: [])
        }
        var seen: Set<CInt> = []
        for _ in 0..<2 {
            try epoll.wait(limit: 0) { descriptor, readiness in
                #expect(readiness == .readable)
                seen.insert(descriptor)
            }
        }
        #expect(seen == Set(pairs.map(\.ours)))
    }

    @Test func anErrorSaysWhichCallFailedAndWhy() {
        let error = SystemCallError("bind", errno: .permissionDenied, subject: "/run/x")
        #expect(error.description == "bind /run/x: \(Errno.permissionDenied)")
        #expect(throws: SystemCallError("close", errno: .badFileDescriptor)) {
            try SystemCallError.check(close(-1), "close")
        }
        #expect((try? SystemCallError.check(3, "open")) == 3)
    }

    @Test func anOwnedDescriptorIsClosedWithItsOwner() throws {
        let sockets = try SocketPair()
        do {
            let copy = Descriptor(owning: fcntl(sockets.ours, F_DUPFD_CLOEXEC, 0))
            #expect(copy.number >= 0)
            sockets.closeOurs()
        }
        var byte: UInt8 = 0
        #expect(read(sockets.theirs, &byte, 1) == 0, "a descriptor of ours is still open")
    }
}
