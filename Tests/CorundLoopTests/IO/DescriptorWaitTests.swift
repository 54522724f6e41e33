import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CorundLoop

struct DescriptorWaitTests {
    /// Starts a task that waits, and takes a turn, so that it does.
    private func waiting(
        on loop: EventLoop, _ wait: @escaping @Sendable () async throws -> Void
    ) throws -> LoopTask<Void> {
        let task = try loop.spawn { try await wait() }
        try loop.turn()
        #expect(loop.taskCount == 1, "it does not wait")
        return task
    }

    @Test func aWaitEndsWhenThereIsSomethingToRead_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            let task = try waiting(on: loop) { try await loop.waitReadable(number) }
            try loop.turn(times: 2)
            #expect(loop.taskCount == 1, "there is nothing to read")
            sockets.send()
            try loop.complete { try await task.value }
            #expect(loop.watches.isEmpty && sockets.receive())
        }
    }

    @Test func aWaitEndsWhenThereIsRoomToWrite_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            let block = [UInt8](repeating: 0, count: 1 << 16)
            while write(number, block, block.count) > 0 {}
            let task = try waiting(on: loop) { try await loop.waitWritable(number) }
            try loop.turn(times: 2)
            #expect(loop.taskCount == 1, "there is no room")
            var taken = block
            while read(sockets.theirs, &taken, taken.count) > 0 {}
            try loop.complete { try await task.value }
        }
    }

    @Test func bothDirectionsAreWaitedForByThemselves_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            let reading = try waiting(on: loop) { try await loop.waitReadable(number) }
            try loop.complete { try await loop.waitWritable(number) }
            #expect(loop.watches[number]?.interest == .readable)
            sockets.closeTheirs()
            try loop.complete { try await reading.value }
        }
    }

    @Test func aCancelledWaitEndsAtOnceAndTheDescriptorIsFree_R45() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            let task = try loop.spawn { try await loop.waitReadable(number) }
            let canceller = ForeignThread { [asleep = selector.asleep] in
                asleep.wait()
                task.cancel()
            }
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
            canceller.join()
            #expect(loop.watches.isEmpty)
            let cancelledBefore = try loop.spawn {
                withUnsafeCurrentTask { $0?.cancel() }
                try await loop.waitWritable(number)
            }
            #expect(throws: CancellationError.self) { try loop.complete { try await cancelledBefore.value } }
        }
    }

    @Test func aDescriptorThatIsClosedThroughTheLoopEndsItsWaits_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            let block = [UInt8](repeating: 0, count: 1 << 16)
            while write(number, block, block.count) > 0 {}
            let reading = try loop.spawn { try await loop.waitReadable(number) }
            let writing = try loop.spawn { try await loop.waitWritable(number) }
            try loop.turn()
            loop.unwatch(number)
            sockets.closeOurs()
            for task in [reading, writing] {
                #expect(throws: EventLoopError.descriptorClosed(number)) { try loop.complete { try await task.value } }
            }
        }
    }

    @Test func aSecondWaitOrAHandlerBesideAWaitIsRefusedAndTheFirstGoesOn_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            let first = try waiting(on: loop) { try await loop.waitReadable(number) }
            let busy = EventLoopError.descriptorBusy(number)
            #expect(throws: busy) { try loop.complete { try await loop.waitReadable(number) } }
            #expect(throws: busy) { try loop.addReader(number) { Issue.record("it was refused") } }
            loop.removeReader(number)
            sockets.send()
            try loop.complete { try await first.value }
            try loop.addWriter(number) {}
            #expect(throws: busy) { try loop.complete { try await loop.waitWritable(number) } }
            loop.removeWriter(number)
        }
    }

    /// A task that is not the loop's own: its next step does not need the loop.
    @Test func aLoopThatIsClosedEndsItsWaits_R45() async throws {
        let ended = Log<EventLoopError>()
        let loop = try EventLoop()
        let sockets = try SocketPair()
        let number = sockets.ours
        let task = Log<Task<Void, any Error>>()
        try await onThreadOfItsOwn {
            try loop.callSoon {
                task.append(
                    Task.immediate {
                        do { try await loop.waitReadable(number) } catch let error as EventLoopError {
                            ended.append(error)
                        }
                    })
            }
            try loop.turn()
            #expect(loop.watches.count == 1)
            try loop.close()
        }
        try await task.entries.first?.value
        #expect(ended.entries == [.closed])
    }

    @Test func whatCannotBeWaitedForIsRefused_R45() throws {
        try withLoop { loop in
            let refused = #expect(throws: SystemCallError.self) {
                try loop.complete { try await loop.waitReadable(9999) }
            }
            #expect(refused?.errno == .badFileDescriptor)
            try withLoop { other in
                #expect(throws: EventLoopError.wrongThread) { try loop.complete { try await other.waitReadable(0) } }
            }
            let closed = try EventLoop()
            try closed.close()
            #expect(throws: EventLoopError.closed) { try loop.complete { try await closed.waitReadable(0) } }
            #expect(throws: EventLoopError.closed) { try loop.complete { try await closed.sleep(for: .zero) } }
        }
    }

    @Test func cancellationsThatRaceWithReadinessEndTheWaitOnce_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            for _ in 0..<300 {
                let started = Gate()
                let task = try loop.spawn {
                    started.open()
                    try await loop.waitReadable(number)
                }
                let theirs = sockets.theirs
                let racer = ForeignThread {
                    started.wait()
                    var byte: UInt8 = 1
                    _ = write(theirs, &byte, 1)
                    task.cancel()
                }
                _ = try? loop.complete { try await task.value }
                racer.join()
                #expect(sockets.receive() && loop.watches.isEmpty)
            }
            try loop.turn()
        }
    }
}
