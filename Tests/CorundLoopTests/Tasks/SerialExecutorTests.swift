import TestSupport
import Testing

@testable import CorundLoop

struct SerialExecutorTests {
    actor Counter {
        private let loop: EventLoop
        private(set) var count = 0

        init(loop: EventLoop) {
            self.loop = loop
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            loop.serialExecutor.asUnownedSerialExecutor()
        }

        func increment() {
            #expect(loop.isOnItsThread)
            count += 1
        }

        func incrementAfterASleep() async throws {
            try await loop.sleep(for: .zero)
            increment()
        }
    }

    @Test func anActorPinnedToTheLoopRunsOnIt() throws {
        try withLoop { loop in
            let count = try loop.complete {
                let counter = Counter(loop: loop)
                await counter.increment()
                try await counter.incrementAfterASleep()
                return await counter.count
            }
            #expect(count == 2)
        }
    }

    @Test func anActorPinnedToTheLoopRunsOnItForTasksOfOtherExecutors() async throws {
        try await onThreadOfItsOwn {
            // Without the fixture: the detached task may hold the loop for a moment longer.
            let loop = try EventLoop()
            let counter = Counter(loop: loop)
            Task.detached {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<100 { group.addTask { await counter.increment() } }
                }
                try loop.callSoonThreadSafe { loop.stop() }
            }
            try loop.run()
            let count = try loop.complete { await counter.count }
            #expect(count == 100 && loop.taskCount == 0)
            try loop.close()
        }
    }

    /// Waits in all ways, and looks each time that it is still on its loop.
    actor Waiter {
        private let loop: EventLoop
        private let sockets: SocketPair

        init(loop: EventLoop) throws {
            self.loop = loop
            sockets = try SocketPair()
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            loop.serialExecutor.asUnownedSerialExecutor()
        }

        func waitInAllWays() async throws {
            try await loop.sleep(for: .zero)
            #expect(loop.isOnItsThread)
            await EventLoop.yield()
            #expect(loop.isOnItsThread)
            sockets.send()
            try await loop.waitReadable(sockets.ours)
            #expect(loop.isOnItsThread)
            try await sleepInAContext()
            try await begin(AsyncGenerator { yield in try await yield(1) })
            #expect(loop.isOnItsThread)
        }

        private nonisolated func sleepInAContext() async throws {
            try await Context().run {
                #expect(loop.isOnItsThread)
                try await loop.sleep(for: .zero)
            }
        }

        /// One that begins after the others were shut down is reported, there and then.
        private func begin(_ generator: sending AsyncGenerator<Int, Never>) async throws {
            let reports = Log<Bool>()
            loop.exceptionHandler = { [unowned loop] _ in reports.append(loop.isOnItsThread) }
            try await loop.shutdownAsyncGenerators()
            try await #expect(generator.next() == 1)
            try await generator.aclose()
            #expect(reports.entries == [true])
        }
    }

    @Test func itsWaitsBeginOnTheLoopForTasksOfOtherExecutors() async throws {
        try await onThreadOfItsOwn {
            let loop = try EventLoop()
            loop.isDebugging = true  // which refuses other threads
            let waiter = try Waiter(loop: loop)
            Task.detached {
                do { try await waiter.waitInAllWays() } catch { Issue.record(error) }
                try loop.callSoonThreadSafe { loop.stop() }
            }
            try loop.run()
            try loop.close()
        }
    }

    @Test func assumeIsolatedWorksFromACallback() throws {
        try withLoop { loop in
            let counter = Counter(loop: loop)
            try loop.runUntilCalled { done in
                try loop.callSoon {
                    counter.assumeIsolated { $0.increment() }
                    done()
                }
            }
            let count = try loop.complete { await counter.count }
            #expect(count == 1)
        }
    }

    @Test func assumeIsolatedTrapsElsewhere() async {
        await #expect(processExitsWith: .failure) {
            let counter = Counter(loop: try EventLoop())
            try await onThreadOfItsOwn { counter.assumeIsolated { _ in } }
        }
    }

    @Test func theExecutorKnowsWhetherItsLoopRunsHere() throws {
        try withLoop { loop in
            #expect(loop.serialExecutor.isIsolatingCurrentContext() == false)
            try loop.runUntilCalled { done in
                try loop.callSoon { [unowned loop] in
                    #expect(loop.serialExecutor.isIsolatingCurrentContext() == true)
                    done()
                }
            }
        }
    }

    @Test func everyThreadGetsTheSameExecutor() throws {
        for _ in 0..<200 {
            try withLoop { loop in
                let start = Gate()
                let seen = Log<LoopSerialExecutor>()
                let threads = ForeignThread {
                    ForeignThread.concurrently(4) { _ in
                        start.wait()
                        seen.append(loop.serialExecutor)
                    }
                }
                start.open()
                threads.join()
                #expect(Set(seen.entries.map(ObjectIdentifier.init)).count == 1)
            }
        }
    }
}
