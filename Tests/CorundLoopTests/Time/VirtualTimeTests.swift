import TestSupport
import Testing

@testable import CorundLoop

struct VirtualTimeTests {
    // MARK: The jump

    @Test func timeStandsStillWhileTheLoopWorksAndJumpsWhereItWouldSleep_R72() throws {
        try withVirtualLoop { loop, _ in
            let times = Log<Int64>()
            try loop.complete {
                for _ in 0..<3600 {
                    try await loop.sleep(for: .seconds(1))
                    await EventLoop.yield()
                    times.append(loop.now.nanoseconds)
                }
            }
            #expect(times.entries == (1...3600).map { $0 * 1_000_000_000 })
        }
    }

    @Test func whatIsSaidToTakeTimeMakesTimersLate_R72() throws {
        try withVirtualLoop { loop, time in
            let fired = Log<Duration>()
            let start = loop.now
            for seconds in [1, 2, 5] {
                try loop.callLater(.seconds(seconds)) { [unowned loop] in fired.append(loop.now.duration(since: start))
                }
            }
            try loop.callSoon {
                time.advance(by: .seconds(3))
                time.advance(by: .seconds(-9))
            }
            try loop.runUntilCalled { done in try loop.callLater(.seconds(6), done) }
            #expect(fired.entries == [.seconds(3), .seconds(3), .seconds(5)])
        }
    }

    @Test func aTimeBelongsToOneLoop() async {
        await #expect(processExitsWith: .failure) {
            let time = VirtualTime()
            let loops = [EventLoop(virtualTime: time), EventLoop(virtualTime: time)]
            _ = loops
        }
    }

    // MARK: Order

    /// The order in which eight tasks that are ready together take their steps.
    private func steps(seed: UInt64?) throws -> [Int] {
        let steps = Log<Int>()
        try withVirtualLoop(seed: seed) { loop, _ in
            for number in 0..<8 {
                try loop.spawn {
                    for _ in 0..<3 {
                        try await loop.sleep(for: .seconds(1))
                        steps.append(number)
                    }
                }
            }
            try loop.runUntilCalled { done in try loop.callLater(.seconds(4), done) }
        }
        return steps.entries
    }

    @Test func withoutASeedReadyWorkKeepsItsOrder_R72() throws {
        #expect(try steps(seed: nil) == Array(0..<8) + Array(0..<8) + Array(0..<8))
    }

    @Test func theSameSeedGivesTheSameOrderAndAnotherAnotherOne_R72() throws {
        let orders = try (0..<20).map { try steps(seed: $0) }
        #expect(try (0..<20).map { try steps(seed: $0) } == orders)
        #expect(Set(orders).count == 20)
    }

    @Test func aSeedBreaksNoPromise_R72() throws {
        for seed in UInt64(0)..<100 {
            try withVirtualLoop(seed: seed) { loop, _ in
                let (callbacks, timers, ticks) = (Log<Int>(), Log<Int>(), Log<UInt64>())
                for number in 0..<10 {
                    try loop.callSoon { callbacks.append(number) }
                    try loop.callLater(.milliseconds(number / 5)) { timers.append(number) }
                    try loop.spawn {
                        let before = loop.tickCount
                        try loop.callSoon { ticks.append(loop.tickCount - before) }
                    }
                }
                try loop.runUntilCalled { done in try loop.callLater(.seconds(1), done) }
                #expect(callbacks.entries == Array(0..<10), "callSoon keeps its order")
                #expect(timers.entries == Array(0..<10), "timers go by deadline, then by creation")
                #expect(ticks.entries == Array(repeating: 1, count: 10), "what a tick adds runs in the next one")
            }
        }
    }

    @Test func whoGivesWayGoesOnAfterAllThatWasReadyUnderEverySeed_R72() throws {
        for seed in UInt64(0)..<50 {
            try withVirtualLoop(seed: seed) { loop, _ in
                let order = Log<String>()
                try loop.complete {
                    for _ in 0..<5 { try loop.spawn { order.append("ready") } }
                    await EventLoop.yield()
                    order.append("went on")
                }
                #expect(order.entries.last == "went on" && order.count == 6)
            }
        }
    }

    @Test func waitersOfASignalWakeInTheOrderInWhichTheyCame() throws {
        try withVirtualLoop { loop, _ in
            let woken = Log<Int>()
            let signal = LoopSignal(loop: loop)
            let tasks = try (0..<100).map { number in
                try loop.spawn {
                    try await signal.wait()
                    woken.append(number)
                }
            }
            try loop.turn()
            signal.notify()
            try loop.complete { for task in tasks { try await task.value } }
            #expect(woken.entries == Array(0..<100))
        }
    }

    // MARK: Other threads

    @Test func timeStandsStillWhileAClosureIsOnThePool_R72() throws {
        try withVirtualLoop { loop, _ in
            let order = Log<String>()
            try loop.callLater(.nanoseconds(1)) { order.append("timer") }
            try loop.complete {
                let gate = Gate()
                // The thread is at work when the loop has nothing left to do.
                try loop.callSoon { try loop.callSoon { try loop.callSoon { gate.open() } } }
                try await loop.runBlocking { gate.wait() }
                order.append("closure at \(loop.now.nanoseconds)")
                try await loop.sleep(for: .seconds(1))
                order.append("end")
            }
            try loop.complete { try await loop.shutdownBlockingPool(timeout: .nanoseconds(1)) }
            #expect(order.entries == ["closure at 0", "timer", "end"])
            #expect(loop.blockingPoolCounts.threads == 0, "the shutdown's timeout passed")
        }
    }

    @Test func timeStandsStillForWorkElsewhereThatIsDeclared_R72() throws {
        for _ in 0..<200 {
            try withVirtualLoop { loop, time in
                let order = Log<String>()
                try loop.callLater(.nanoseconds(1)) { order.append("timer") }
                try loop.complete {
                    await time.standStill {
                        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                            ForeignThread { continuation.resume() }.detach()
                        }
                    }
                    order.append("elsewhere")
                    try await loop.sleep(for: .seconds(1))
                }
                #expect(order.entries == ["elsewhere", "timer"])
            }
        }
    }

    @Test func aStandStillThatEndsOnAnotherThreadWakesTheLoop_R72() throws {
        try withVirtualLoop { loop, time in
            time.hold()
            try loop.runUntilCalled { done in
                try loop.callLater(.seconds(1), done)
                ForeignThread { time.release() }.detach()
            }
            #expect(time.now().nanoseconds == 1_000_000_000)
        }
    }

    // MARK: Descriptors

    @Test func descriptorsAreLookedAtBeforeTimeJumps_R72() throws {
        try withVirtualLoop { loop, _ in
            let sockets = try SocketPair()
            let times = Log<Int64>()
            try loop.addReader(sockets.ours) { [unowned loop] in
                sockets.receive()
                times.append(loop.now.nanoseconds)
            }
            let writer = sockets.theirs
            try loop.complete {
                for _ in 0..<3 {
                    try await loop.sleep(for: .nanoseconds(5))
                    SocketPair.send(to: writer)
                }
                try await loop.sleep(for: .nanoseconds(5))
            }
            loop.removeReader(sockets.ours)
            #expect(times.entries == [5, 10, 15])
        }
    }

    @Test func withoutADeadlineTheLoopReallyWaitsForItsDescriptors_R72() throws {
        try withVirtualLoop { loop, _ in
            let sockets = try SocketPair()
            let (writer, opened) = (sockets.theirs, Gate())
            try loop.addReader(sockets.ours) { [unowned loop] in
                loop.removeReader(sockets.ours)
                loop.stop()
            }
            let thread = ForeignThread {
                opened.wait()
                SocketPair.send(to: writer)
            }
            try loop.callSoon { opened.open() }
            try loop.run()
            thread.join()
            #expect(loop.now.nanoseconds == 0)
        }
    }

    // MARK: Nothing left

    @Test func aLoopThatWouldSleepForEverSaysWhichTasksWait_R72() throws {
        try withVirtualLoop { loop, _ in
            let signal = LoopSignal(loop: loop)
            let task = try loop.spawn(name: "reader", fileID: "Shop/Reader.swift", line: 12) {
                try await loop.sleep(for: .seconds(60))
                try await signal.wait()
            }
            let error = #expect(throws: DeadlockError.self) { try loop.run() }
            #expect(error?.waiting.map(\.name) == ["reader"])
            #expect(
                error?.description
                    == "nothing is left to wait for, 60.0 seconds after the start of virtual time, and these tasks "
                    + "wait: reader, made at Shop/Reader.swift:12 (work outside of the loop is seen inside "
                    + "VirtualTime.standStill alone)")
            signal.notify()
            try loop.complete { try await task.value }
        }
    }
}
