import CLinux
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CorundLoop

struct ReadinessTests {
    @Test func aReaderIsCalledInEachTickInWhichThereIsSomethingToRead_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let ticks = Log<UInt64>()
            try loop.addReader(sockets.ours) { [unowned loop] in ticks.append(loop.tickCount) }
            try loop.turn()
            sockets.send()
            try loop.turn(times: 2)
            sockets.receive()
            try loop.turn()
            loop.removeReader(sockets.ours)
            sockets.send()
            try loop.turn()
            #expect(ticks.entries == [2, 3])
        }
    }

    @Test func aWriterIsCalledInEachTickInWhichThereIsRoom_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let calls = Log<Int>()
            try loop.addWriter(sockets.ours) { calls.append(1) }
            try loop.turn(times: 2)
            let block = [UInt8](repeating: 0, count: 1 << 16)
            while write(sockets.ours, block, block.count) > 0 {}
            try loop.turn()
            #expect(calls.count == 2)
            loop.removeWriter(sockets.ours)
        }
    }

    @Test func aReaderAndAWriterOfOneDescriptorComeAndGoByThemselves_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let calls = Log<String>()
            sockets.send()
            try loop.addReader(sockets.ours) { calls.append("r") }
            try loop.addWriter(sockets.ours) { calls.append("w") }
            try loop.turn()
            loop.removeReader(sockets.ours)
            try loop.turn()
            try loop.addReader(sockets.ours) { calls.append("r") }
            loop.removeWriter(sockets.ours)
            try loop.turn()
            loop.removeReader(sockets.ours)
            try loop.turn()
            #expect(calls.entries == ["r", "w", "w", "r"])
        }
    }

    @Test func aSleepingLoopWakesForADescriptor_R45() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            let sockets = try SocketPair()
            let end = sockets.theirs
            let sender = ForeignThread { [asleep = selector.asleep] in
                asleep.wait()
                var byte: UInt8 = 1
                _ = write(end, &byte, 1)
            }
            try loop.runUntilCalled { done in try loop.addReader(sockets.ours, done) }
            sender.join()
            loop.removeReader(sockets.ours)
        }
    }

    @Test func aNewHandlerReplacesTheOldOneAtOnce_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let calls = Log<String>()
            sockets.send()
            try loop.addReader(sockets.ours) { calls.append("old") }
            try loop.addWriter(sockets.theirs) { [unowned loop] in
                loop.removeWriter(sockets.theirs)
                try loop.addReader(sockets.ours) { calls.append("new") }
            }
            try loop.turn()
            calls.append("|")
            try loop.turn()
            #expect(calls.entries == ["|", "new"] || calls.entries == ["old", "|", "new"])
            loop.removeReader(sockets.ours)
        }
    }

    @Test func replacingAHandlerCostsNoSystemCallAndLetsGoOfTheOldOne_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            weak var old: Log<Int>?
            do {
                let log = Log<Int>()
                old = log
                try loop.addReader(sockets.ours) { log.append(1) }
            }
            try loop.addReader(sockets.ours) {}
            #expect(old == nil)
            #expect(loop.watches.count == 1)
            loop.removeReader(sockets.ours)
        }
    }

    @Test func aHandlerMayRemoveItself_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let calls = Log<Int>()
            sockets.send()
            try loop.addReader(sockets.ours) { [unowned loop] in
                loop.removeReader(sockets.ours)
                calls.append(1)
            }
            try loop.turn(times: 2)
            #expect(calls.count == 1)
        }
    }

    @Test func aHandlerRemovedByOneOfTheSameTickIsNotCalled_R45() throws {
        try withLoop { loop in
            let pairs = try (0..<10).map { _ in try SocketPair() }
            let calls = Log<CInt>()
            for pair in pairs {
                pair.send()
                try loop.addReader(pair.ours) { [unowned loop] in
                    calls.append(pair.ours)
                    for other in pairs { loop.removeReader(other.ours) }
                }
                try loop.addWriter(pair.ours) { [unowned loop] in
                    loop.removeWriter(pair.ours)
                }
            }
            try loop.turn(times: 2)
            #expect(calls.count == 1)
        }
    }

    @Test func aHangUpIsToldWithoutReading_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            try loop.addReader(sockets.ours) {}
            try loop.addHangUpHandler(sockets.ours) { [unowned loop] in
                loop.unwatch(sockets.ours)
                loop.stop()
            }
            sockets.send()
            try loop.turn()
            #expect(loop.watches.count == 1, "something to read is no hang-up")
            shutdown(sockets.theirs, CInt(SHUT_WR))
            try loop.turn()
            #expect(loop.watches.count == 1, "the end of what they send is no hang-up")
            sockets.closeTheirs()
            try loop.run()
        }
    }

    @Test func aHangUpIsReportedToReadersAndWritersToo_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let calls = Log<String>()
            try loop.addHangUpHandler(sockets.ours) { calls.append("h") }
            try loop.addWriter(sockets.ours) { calls.append("w") }
            try loop.addReader(sockets.ours) { calls.append("r") }
            sockets.closeTheirs()
            try loop.turn()
            #expect(calls.entries == ["r", "w", "h"])
            loop.unwatch(sockets.ours)
        }
    }

    @Test func aDescriptorThatWasClosedFirstCanStillBeRemoved_R45() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            weak var captured: Log<Int>?
            do {
                let log = Log<Int>()
                captured = log
                try loop.addReader(number) { log.append(1) }
                try loop.addWriter(number) { log.append(2) }
                try loop.addHangUpHandler(number) { log.append(3) }
            }
            sockets.closeOurs()
            try loop.turn()
            loop.removeReader(number)
            loop.removeWriter(number)
            #expect(loop.watches[number]?.interest == .hungUp)
            loop.unwatch(number)
            #expect(loop.watches.isEmpty && captured == nil)
        }
    }

    @Test func aNumberUsedAgainIsWatchedAfresh_R45() throws {
        try withLoop { loop in
            let first = try SocketPair()
            let number = first.ours
            try loop.addReader(number) { Issue.record("the file of this handler is closed") }
            try loop.addWriter(number) { Issue.record("the file of this handler is closed") }
            let second = try SocketPair()
            try #require(dup2(second.ours, number) == number)
            loop.unwatch(number)
            second.send()
            try loop.runUntilCalled { done in try loop.addReader(number, done) }
            loop.removeReader(number)
        }
    }

    @Test func whatCannotBeWatchedIsRefused_R45() throws {
        try withLoop { loop in
            let refused = #expect(throws: SystemCallError.self) { try loop.addReader(9999) {} }
            #expect(refused == SystemCallError("epoll_ctl", errno: .badFileDescriptor, subject: "descriptor 9999"))
            let file = open("/proc/self/exe", O_RDONLY)
            defer { close(file) }
            #expect(throws: SystemCallError.self) { try loop.addReader(file) {} }
        }
    }

    @Test func removingWhatIsNotThereDoesNothing_R45() throws {
        try withLoop { loop in
            loop.removeReader(0)
            loop.removeWriter(9999)
            loop.unwatch(-1)
        }
    }
}
