import CLinux
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CorundLoop

struct InboxTests {
    private func item(_ body: @escaping () -> Void = {}) -> ReadyItem {
        .handle(Handle(context: nil, site: CreationSite(#fileID, #line), callback: body))
    }

    @Test func whatIsPushedIsDrainedInOrder() throws {
        let inbox = Inbox()
        let called = Log<Int>()
        for number in 0..<10 { #expect(inbox.push(item { called.append(number) }) == .accepted) }
        var items: [ReadyItem] = []
        inbox.drain(into: &items)
        try items.runAll()
        #expect(called.entries == Array(0..<10))
        items = []
        inbox.drain(into: &items)
        #expect(items.isEmpty)
    }

    @Test func theLoopMayNotSleepWhileThereAreItems() {
        let inbox = Inbox()
        _ = inbox.push(item())
        #expect(!inbox.prepareToSleep())
        #expect(inbox.push(item()) == .accepted)
        var items: [ReadyItem] = []
        inbox.drain(into: &items)
        #expect(items.count == 2)
        #expect(inbox.prepareToSleep())
    }

    @Test func onlyTheFirstPushToASleepingLoopWakesIt() {
        let inbox = Inbox()
        #expect(inbox.prepareToSleep())
        #expect(inbox.push(item()) == .wakeLoop)
        #expect(inbox.push(item()) == .accepted)
    }

    @Test func aLoopThatWokeByItselfNeedsNoWaking() {
        let inbox = Inbox()
        #expect(inbox.prepareToSleep())
        inbox.wokeUp()
        #expect(inbox.push(item()) == .accepted)
    }

    @Test func aClosedInboxRefusesAndGivesBackWhatWasLeft() {
        let inbox = Inbox()
        _ = inbox.push(item())
        #expect(inbox.close().count == 1)
        #expect(inbox.push(item()) == .closed)
        #expect(inbox.close().isEmpty)
    }

    @Test func nothingIsLostAndNobodyHangsUnderEightPushers() throws {
        let (pushers, each) = (8, 20_000)
        let inbox = Inbox()
        let wakeUp = eventfd(0, CInt(EFD_CLOEXEC))
        defer { close(wakeUp) }
        let threads = ForeignThread {
            ForeignThread.concurrently(pushers) { pusher in
                for number in 0..<each {
                    let item = ReadyItem.handle(NumberedHandle(pusher: pusher, number: number))
                    guard inbox.push(item) == .wakeLoop else { continue }
                    var one: UInt64 = 1
                    _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
                }
            }
        }
        var next = Array(repeating: 0, count: pushers)
        var items: [ReadyItem] = []
        while next.reduce(0, +) < pushers * each {
            inbox.drain(into: &items)
            for case .handle(let handle) in items {
                guard let handle = handle as? NumberedHandle else { continue }
                if next[handle.pusher] != handle.number { Issue.record("lost or out of order") }
                next[handle.pusher] = handle.number + 1
            }
            items.removeAll(keepingCapacity: true)
            guard next.reduce(0, +) < pushers * each, inbox.prepareToSleep() else { continue }
            var count: UInt64 = 0
            _ = read(wakeUp, &count, MemoryLayout<UInt64>.size)
            inbox.wokeUp()
        }
        threads.join()
        #expect(next == Array(repeating: each, count: pushers))
    }

    @Test func nothingAcceptedIsLostWhenTheInboxClosesUnderPushers() {
        let inbox = Inbox()
        let accepted = Atomic(0)
        let started = Gate()
        let threads = ForeignThread {
            ForeignThread.concurrently(4) { _ in
                while inbox.push(.handle(Handle(context: nil, site: CreationSite(#fileID, #line)) {})) != .closed {
                    if accepted.add(1, ordering: .relaxed).newValue == 100 { started.open() }
                }
            }
        }
        started.wait()
        var taken: [ReadyItem] = []
        inbox.drain(into: &taken)
        let left = inbox.close()
        threads.join()
        #expect(taken.count + left.count == accepted.load(ordering: .relaxed))
    }

    private final class NumberedHandle: Handle {
        let pusher: Int
        let number: Int

        init(pusher: Int, number: Int) {
            (self.pusher, self.number) = (pusher, number)
            super.init(context: nil, site: CreationSite(#fileID, #line)) {}
        }
    }
}

extension [ReadyItem] {
    fileprivate func runAll() throws {
        for case .handle(let handle) in self { try handle.run() }
    }
}
