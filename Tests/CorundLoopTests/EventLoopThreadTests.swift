import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CorundLoop

struct EventLoopThreadTests {
    @Test func everythingRunsOnTheThreadThatIsInsideRun_R37() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let here = pthread_self()
            let seen = Log<String>()
            let note: @Sendable (String) -> Void = { what in
                #expect(pthread_self() == here, "\(what)")
                seen.append(what)
                if seen.count == 6 { loop.stop() }
            }
            sockets.send()
            try loop.addReader(sockets.ours) { [unowned loop] in
                loop.removeReader(sockets.ours)
                note("reader")
            }
            try loop.callSoon { note("callback") }
            try loop.callLater(.zero) { note("timer") }
            try loop.callSoonThreadSafe { note("inbox") }
            try loop.spawn {
                note("task")
                await withUnsafeContinuation { continuation in ForeignThread { continuation.resume() }.detach() }
                note("task, resumed by another thread")
            }
            try loop.run()
            #expect(seen.count == 6)
        }
    }

    @Test func nothingIsLostThatEightThreadsHandIn_R37() throws {
        let (threads, each) = (8, 5000)
        try withLoop { loop in
            let here = pthread_self()
            let order = Log<(Int, Int)>()
            let left = Atomic(threads * each)
            let callers = ForeignThread {
                ForeignThread.concurrently(threads) { thread in
                    for number in 0..<each {
                        try? loop.callSoonThreadSafe {
                            if pthread_self() != here { Issue.record("on another thread") }
                            order.append((thread, number))
                            if left.subtract(1, ordering: .relaxed).newValue == 0 { loop.stop() }
                        }
                    }
                }
            }
            try loop.run()
            callers.join()
            for thread in 0..<threads {
                #expect(order.entries.filter { $0.0 == thread }.map(\.1) == Array(0..<each))
            }
        }
    }

    @Test func tasksThatOtherThreadsResumeLoseNoWakeUp_R37() throws {
        try withLoop { loop in
            let done = Log<Int>()
            for number in 0..<8 {
                try loop.spawn {
                    for _ in 0..<200 {
                        await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
                            ForeignThread { waiter.resume() }.detach()
                        }
                        #expect(loop.isOnItsThread)
                    }
                    done.append(number)
                    if done.count == 8 { loop.stop() }
                }
            }
            try loop.run()
            #expect(done.count == 8)
        }
    }

    @Test func handingInWorkRacesWithCloseWithoutHarm_R43() throws {
        try withLoop { loop in
            let started = Gate()
            let callers = ForeignThread {
                ForeignThread.concurrently(4) { _ in
                    while true {
                        do { try loop.callSoonThreadSafe { started.open() } } catch {
                            #expect(error as? EventLoopError == .closed)
                            return
                        }
                    }
                }
            }
            try loop.runUntilCalled { done in
                try loop.callSoon {
                    started.open()
                    done()
                }
            }
            started.wait()
            try loop.close()
            callers.join()
        }
    }

    @Test func wakeIsHarmlessFromAnyThreadAtAnyTime() throws {
        try withLoop { loop in
            ForeignThread { loop.wake() }.join()
            try loop.turn()
            let waker = ForeignThread { for _ in 0..<100 { loop.wake() } }
            try loop.runUntilCalled { done in try loop.callLater(.milliseconds(1), done) }
            waker.join()
        }
    }
}
