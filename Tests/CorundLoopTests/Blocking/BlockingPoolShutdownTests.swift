import TestSupport
import Testing

@testable import CorundLoop

struct BlockingPoolShutdownTests {
    @Test func afterShutdownNothingIsTaken_R31() throws {
        try withPool(limit: 1) { loop in
            try loop.complete {
                try await loop.runBlocking {}
                try await loop.shutdownBlockingPool(timeout: nil)
                await #expect(throws: BlockingPoolError.shutDown) {
                    try await loop.runBlocking { Issue.record("the closure ran") }
                }
            }
            #expect(loop.blockingPoolCounts.threads == 0)
        }
    }

    @Test func aClosedLoopTakesNothing_R31() async throws {
        let loop = try EventLoop()
        try loop.close()
        await #expect(throws: BlockingPoolError.shutDown) {
            try await loop.runBlocking { Issue.record("the closure ran") }
        }
        #expect(loop.blockingPoolCounts.threads == 0)
    }

    @Test func closingALoopEndsItsThreadsAfterWhatTheyWereGiven_R31() throws {
        let loop = EventLoop(clock: MonotonicClock(), selector: Epoll(), blockingThreadLimit: 1)
        let pool = loop.blockingPool
        let (began, release, ended) = (Gate(), Gate(), Gate())
        let ran = Log<Int>()
        let never: @Sendable (any Error) -> Void = { Issue.record($0, "refused") }
        try pool.submit(
            BlockingWork(
                run: {
                    began.open()
                    release.wait()
                    ran.append(1)
                }, refuse: never))
        try pool.submit(BlockingWork(run: { ran.append(2) }, refuse: never))
        began.wait()
        try loop.close()
        #expect(throws: BlockingPoolError.shutDown) { try pool.submit(BlockingWork(run: {}, refuse: never)) }
        pool.shutDown { ended.open() }
        release.open()
        ended.wait()
        #expect(ran.entries == [1, 2])
        #expect(pool.counts.threads == 0)
    }

    @Test func aLoopThatNobodyClosedLeavesNoThreadBehind_R30() throws {
        var loop: EventLoop? = try EventLoop()
        let pool = try #require(loop).blockingPool
        try loop?.complete { try await EventLoop.running?.runBlocking {} }
        loop = nil
        let ended = Gate()
        #expect(throws: BlockingPoolError.shutDown) {
            try pool.submit(BlockingWork(run: { ended.open() }, refuse: { _ in }))
        }
        pool.shutDown { ended.open() }
        ended.wait()
        #expect(pool.counts.threads == 0)
    }

    @Test func whatIsQueuedAtShutdownStillRuns_R31() throws {
        try withPool(limit: 1) { loop in
            let stuck = try Occupation(of: loop, threads: 1)
            let queued = try loop.spawn { try await loop.runBlocking { 5 } }
            let shutdown = try loop.spawn { try await loop.shutdownBlockingPool(timeout: nil) }
            try loop.turn()
            #expect(loop.blockingPoolCounts.queued == 1)
            stuck.end()
            try loop.complete { try await shutdown.value }
            let value = try loop.complete { try await queued.value }
            #expect(value == 5)
        }
    }

    @Test func whatIsQueuedAtTheTimeoutIsRefused_R31() throws {
        try withPool(limit: 1) { loop in
            loop.exceptionHandler = { _ in }
            let stuck = try Occupation(of: loop, threads: 1)
            let queued = try loop.spawn { try await loop.runBlocking { Issue.record("the closure ran") } }
            try loop.turn()
            try loop.complete { try await loop.shutdownBlockingPool(timeout: .milliseconds(5)) }
            #expect(throws: BlockingPoolError.shutDown) { try loop.complete { try await queued.value } }
            stuck.end()
        }
    }

    @Test func shutdownWithoutThreadsReturnsAtOnce_R32() throws {
        try withVirtualLoop { loop, time in
            for timeout in [Duration.seconds(300), nil] {
                let shutdown = try loop.spawn { try await loop.shutdownBlockingPool(timeout: timeout) }
                // It need not hear of anybody's end: to come back to the loop is all that there is to wait for.
                try loop.turn(times: 3)
                try #require(loop.taskCount == 0, "it waits for threads that were never started")
                try loop.complete { try await shutdown.value }
            }
            #expect(time.now().nanoseconds == 0)
        }
    }

    @Test func shutdownDoesNotBlockTheLoop_R33() throws {
        try withPool(limit: 1) { loop in
            let stuck = try Occupation(of: loop, threads: 1)
            let shutdown = try loop.spawn { try await loop.shutdownBlockingPool(timeout: nil) }
            try loop.turn()
            // Only a timer that fires during the shutdown lets it end.
            try loop.callLater(.milliseconds(5)) { stuck.end() }
            try loop.complete { try await shutdown.value }
            #expect(loop.blockingPoolCounts.threads == 0)
        }
    }

    @Test func theTimeoutLeavesAStuckThreadBehindWithAReport_R33() throws {
        let reports = Log<String>()
        try withPool(limit: 2) { loop in
            loop.exceptionHandler = { reports.append($0.message) }
            let stuck = try Occupation(of: loop, threads: 1)
            try loop.complete { try await loop.shutdownBlockingPool(timeout: .milliseconds(5)) }
            #expect(loop.blockingPoolCounts == BlockingPoolCounts(threads: 1, busy: 1, queued: 0))
            stuck.end()
        }
        #expect(
            reports.entries == [
                "the blocking pool did not finish joining its threads within 0.005 seconds; 1 are left behind"
            ])
    }

    @Test func everyShutdownEndsWhicheverCameFirst_R33() throws {
        try withPool(limit: 1) { loop in
            let reports = Log<String>()
            loop.exceptionHandler = { reports.append($0.message) }
            let stuck = try Occupation(of: loop, threads: 1)
            let patient = try loop.spawn { try await loop.shutdownBlockingPool(timeout: nil) }
            let other = try loop.spawn { try await loop.shutdownBlockingPool(timeout: nil) }
            try loop.complete { try await loop.shutdownBlockingPool(timeout: .milliseconds(5)) }
            #expect(reports.count == 1)
            #expect(loop.taskCount == 3, "one without a limit gave up")
            stuck.end()
            try loop.complete { try await patient.value }
            try loop.complete { try await other.value }
        }
    }

    @Test func aCancelledShutdownLetsGo_R33() throws {
        try withPool(limit: 1) { loop in
            let stuck = try Occupation(of: loop, threads: 1)
            let shutdown = try loop.spawn { try await loop.shutdownBlockingPool(timeout: .seconds(300)) }
            try loop.turn()
            shutdown.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await shutdown.value } }
            stuck.end()
        }
    }

    @Test(arguments: [Duration.zero, .nanoseconds(-1), .seconds(-300)])
    func aTimeoutOfZeroOrLessIsRefused_R34(timeout: Duration) throws {
        try withPool(limit: 1) { loop in
            #expect(throws: BlockingPoolError.timeoutNotPositive) {
                try loop.complete { try await loop.shutdownBlockingPool(timeout: timeout) }
            }
            let value = try loop.complete { try await loop.runBlocking { 3 } }
            #expect(value == 3, "the pool is as it was")
        }
    }

    @Test func withoutATimeoutTheShutdownWaits_R34() throws {
        try withPool(limit: 1) { loop in
            let stuck = try Occupation(of: loop, threads: 1)
            let shutdown = try loop.spawn { try await loop.shutdownBlockingPool(timeout: nil) }
            try loop.turn(times: 3)
            #expect(loop.timerCount == 0, "a limit was set")
            #expect(loop.taskCount == 2 && loop.blockingPoolCounts.threads == 1)
            stuck.end()
            try loop.complete { try await shutdown.value }
        }
    }
}
