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

    @Test func tasksThatEightThreadsResumeAtOnceAllGoOn_R37() throws {
        let (threads, each) = (8, 1000)
        try withLoop { loop in
            let waiters = Log<UnsafeContinuation<Void, Never>>()
            let resumed = Log<Int>()
            for number in 0..<threads * each {
                try loop.spawn {
                    await withUnsafeContinuation { waiters.append($0) }
                    resumed.append(number)
                    if resumed.count == threads * each { loop.stop() }
                }
            }
            try loop.turn()
            let all = waiters.entries
            try #require(all.count == threads * each)
            let begun = Gate()
            try loop.callSoon { begun.open() }
            try ForeignThread.concurrently(threads) { thread in
                begun.wait()
                for waiter in all[thread * each..<(thread + 1) * each] { waiter.resume() }
            } while: {
                try loop.run()
            }
            #expect(resumed.entries.sorted() == Array(0..<threads * each))
        }
    }

    @Test func aWaitThatAnotherThreadCancelsIsEndedOnTheLoop_R37() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            let number = sockets.ours
            let wait = try loop.spawn { try await loop.waitReadable(number) }
            try loop.turn()
            ForeignThread { wait.cancel() }.join()
            #expect(loop.watches.count == 1, "the other thread has changed what the loop watches")
            #expect(throws: CancellationError.self) { try loop.complete { try await wait.value } }
            #expect(loop.watches.isEmpty)
        }
    }

    @Test func wakeEndsASleepOfTheLoop_R37() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            let waker = ForeignThread { [asleep = selector.asleep, waited = selector.waited] in
                asleep.wait()
                let before = waited.count
                loop.wake()
                #expect(isTrueSoon { waited.count > before }, "the loop sleeps on")
                #expect(throws: Never.self) { try loop.callSoonThreadSafe { loop.stop() } }
            }
            try loop.run()
            waker.join()
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
