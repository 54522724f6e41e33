import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CorundLoop

struct BlockingPoolTests {
    struct Failure: Error, Equatable {}

    // MARK: Threads

    @Test func threadsStartLazilyAndAreNamed_R30() throws {
        try withPool(limit: 2) { loop in
            #expect(loop.blockingPoolCounts == BlockingPoolCounts(threads: 0, busy: 0, queued: 0))
            let name = try loop.complete { try await loop.runBlocking { threadName() } }
            #expect(name == "corund-pool-1")
            #expect(loop.blockingPoolCounts.threads == 1)
        }
    }

    @Test func threadsThatStartTogetherHaveNamesOfTheirOwn_R30() throws {
        for _ in 0..<20 {
            try withPool(limit: 8) { loop in
                let names = Log<String>()
                let all = Gate()
                for _ in 0..<8 {
                    try loop.spawn {
                        try await loop.runBlocking {
                            names.append(threadName())
                            if names.count == 8 { all.open() }
                            all.wait()
                        }
                    }
                }
                try loop.turn()
                all.wait()
                #expect(Set(names.entries) == Set((1...8).map { "corund-pool-\($0)" }))
            }
        }
    }

    @Test func noThreadStartsWhileOneIsIdle_R30() throws {
        try withPool(limit: 4) { loop in
            for _ in 0..<3 {
                let name = try loop.complete { try await loop.runBlocking { threadName() } }
                #expect(name == "corund-pool-1")
                // The caller hears of the work's end before the thread is idle.
                try #require(isTrueSoon { loop.blockingPoolCounts.busy == 0 }, "the thread is still at work")
            }
            #expect(loop.blockingPoolCounts.threads == 1)
        }
    }

    @Test func noMoreThreadsThanTheLimitAreAtWork_R30() throws {
        try withPool(limit: 2) { loop in
            let stuck = try Occupation(of: loop, threads: 2)
            let ran = Log<String>()
            for _ in 0..<5 { try loop.spawn { try await loop.runBlocking { ran.append(threadName()) } } }
            try loop.turn()
            #expect(loop.blockingPoolCounts == BlockingPoolCounts(threads: 2, busy: 2, queued: 5))
            #expect(ran.entries.isEmpty)
            stuck.end()
            try loop.complete { try await loop.shutdownBlockingPool(timeout: nil) }
            #expect(ran.count == 5)
            #expect(Set(ran.entries).isSubset(of: ["corund-pool-1", "corund-pool-2"]))
            #expect(loop.blockingPoolCounts == BlockingPoolCounts(threads: 0, busy: 0, queued: 0))
        }
    }

    @Test func whereNoMoreThreadsCanBeMadeWorkWaitsForThoseThereAre_R30() throws {
        let made = Log<String>()
        let pool = BlockingPool(threadLimit: 2) { pool throws(SystemCallError) in
            made.append("a thread")
            guard made.count == 1 else {
                throw SystemCallError("pthread_create", errno: .resourceTemporarilyUnavailable)
            }
            try BlockingPool.detachThread(pool)
        }
        let (ran, isBusy, goOn, isOver) = (Log<Int>(), Gate(), Gate(), Gate())
        let first = BlockingWork(
            run: {
                isBusy.open()
                goOn.wait()
                ran.append(1)
            }, refuse: { _ in ran.append(-1) })
        try pool.submit(first)
        isBusy.wait()
        try pool.submit(BlockingWork(run: { ran.append(2) }, refuse: { _ in ran.append(-2) }))
        #expect(made.count == 2)
        goOn.open()
        pool.shutDown { isOver.open() }
        isOver.wait()
        #expect(ran.entries == [1, 2])
    }

    @Test func workIsRefusedWhereThereIsNoThreadAndNoneCanBeMade_R30() throws {
        let failure = SystemCallError("pthread_create", errno: .resourceTemporarilyUnavailable)
        let pool = BlockingPool(threadLimit: 2) { _ throws(SystemCallError) in throw failure }
        let ran = Log<Int>()
        #expect(throws: failure) {
            try pool.submit(BlockingWork(run: { ran.append(1) }, refuse: { _ in ran.append(-1) }))
        }
        #expect(pool.abandon() == 0)
        #expect(ran.entries.isEmpty)
    }

    @Test func theLimitIsFourMoreThanThereAreProcessorsAndAtMost32_R30() throws {
        let limit = min(32, sysconf(CInt(_SC_NPROCESSORS_ONLN)) + 4)
        try withPool(limit: nil) { loop in
            let stuck = try Occupation(of: loop, threads: limit)
            try loop.spawn { try await loop.runBlocking {} }
            try loop.turn()
            #expect(loop.blockingPoolCounts == BlockingPoolCounts(threads: limit, busy: limit, queued: 1))
            stuck.end()
        }
    }

    @Test func theLimitGrowsWithTheProcessorsUpTo32_R30() {
        let limits = [1, 2, 27, 28, 29, 128].map(BlockingPool.threadLimit(processors:))
        #expect(limits == [5, 6, 31, 32, 32, 32])
    }

    @Test func thereAreAtMostAsManyThreadsAsTheLoopWasMadeWith_R30() throws {
        #expect(throws: BlockingPoolError.limitNotPositive) { try EventLoop(blockingThreadLimit: 0) }
        try withLoop({ try EventLoop(blockingThreadLimit: 2) }) { loop in
            try loop.complete {
                let release = Gate()
                let work = try (0..<3).map { _ in try loop.spawn { try await loop.runBlocking { release.wait() } } }
                await EventLoop.yield()
                #expect(loop.blockingPoolCounts.threads == 2, "the third one waits for a thread")
                release.open()
                for each in work { try await each.value }
                try await loop.shutdownBlockingPool(timeout: nil)
            }
            try loop.turn(times: 3)
        }
    }

    // MARK: Callers

    @Test func theCallerResumesOnTheLoop_R30() throws {
        try withPool(limit: 2) { loop in
            let here = UInt(pthread_self())
            try loop.complete {
                for number in 0..<100 {
                    let (value, thread) = try await loop.runBlocking { (number, UInt(pthread_self())) }
                    #expect(value == number && thread != here)
                    #expect(loop.isOnItsThread && UInt(pthread_self()) == here)
                }
            }
        }
    }

    @Test func nothingIsLostUnderManyCallers_R31() throws {
        try withPool(limit: 4) { loop in
            let values = Log<Int>()
            for number in 0..<1000 { try loop.spawn { values.append(try await loop.runBlocking { number }) } }
            try loop.turn()
            try loop.complete { try await loop.shutdownBlockingPool(timeout: nil) }
            try loop.turn(times: 2)
            #expect(values.entries.sorted() == Array(0..<1000))
        }
    }

    @Test func errorsPassThrough_R30() throws {
        try withPool(limit: 1) { loop in
            #expect(throws: Failure()) {
                try loop.complete { try await loop.runBlocking { throw Failure() } }
            }
        }
    }

    @Test func aCallerCancelledBeforehandGetsTheErrorAndNothingRuns_R36() throws {
        try withPool(limit: 1) { loop in
            let ran = Log<Int>()
            let caller = try loop.spawn { try await loop.runBlocking { ran.append(1) } }
            caller.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await caller.value } }
            #expect(ran.entries.isEmpty && loop.blockingPoolCounts.threads == 0)
        }
    }

    @Test func aCallerCancelledWhileQueuedGetsTheErrorAndItsClosureNeverRuns_R36() throws {
        let ran = Log<String>()
        try withPool(limit: 1) { loop in
            let stuck = try Occupation(of: loop, threads: 1)
            let cancelled = try loop.spawn { try await loop.runBlocking { ran.append("cancelled") } }
            let other = try loop.spawn { try await loop.runBlocking { ran.append("other") } }
            try loop.turn()
            #expect(loop.blockingPoolCounts.queued == 2)
            cancelled.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await cancelled.value } }
            #expect(loop.blockingPoolCounts.queued == 1)
            stuck.end()
            try loop.complete { try await other.value }
        }
        #expect(ran.entries == ["other"])
    }

    @Test func aCallerCancelledWhileItsClosureRunsGetsTheValue_R36() throws {
        try withPool(limit: 1) { loop in
            let (began, release) = (Gate(), Gate())
            let caller = try loop.spawn {
                try await loop.runBlocking {
                    began.open()
                    release.wait()
                    return 7
                }
            }
            try loop.turn()
            began.wait()
            caller.cancel()
            release.open()
            let value = try loop.complete { try await caller.value }
            #expect(value == 7)
        }
    }

    @Test func aClosureRunsInACopyOfItsCallersContext_R30() throws {
        let variable = ContextVariable("answer", default: 0)
        try withPool(limit: 1) { loop in
            let context = Context()
            try loop.complete(context: context) {
                variable.set(42)
                let seen = try await loop.runBlocking {
                    defer { variable.set(43) }
                    return try variable.get()
                }
                #expect(seen == 42)
                #expect(try variable.get() == 42, "what the closure sets stays inside")
            }
        }
    }
}

/// What the kernel calls the calling thread.
private func threadName() -> String {
    guard let file = fopen("/proc/thread-self/comm", "re") else { return "" }
    defer { fclose(file) }
    var name = [UInt8](repeating: 0, count: 32)
    let count = fread(&name, 1, name.count, file)
    return String(decoding: name.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
}
