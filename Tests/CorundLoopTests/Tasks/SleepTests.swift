import TestSupport
import Testing

@testable import CorundLoop

struct SleepTests {
    @Test func sleepersWakeInTheOrderOfTheirDeadlines_R40() throws {
        try withVirtualLoop { loop, time in
            let woken = Log<Int>()
            for seconds in [3, 1, 2] {
                try loop.spawn {
                    try await loop.sleep(for: .seconds(seconds))
                    woken.append(seconds)
                    if seconds == 3 { loop.stop() }
                }
            }
            try loop.run()
            #expect(woken.entries == [1, 2, 3])
            #expect(time.now().nanoseconds == 3_000_000_000)
        }
    }

    @Test func aSleepNeverEndsBeforeItsTime_R40() throws {
        try withLoop { loop in
            try loop.complete {
                let start = loop.now
                try await loop.sleep(for: .microseconds(1100))
                #expect(loop.now.duration(since: start) >= .microseconds(1100))
            }
        }
    }

    @Test func zeroAndNegativeSleepsEndAtOnce_R40() throws {
        try withVirtualLoop { loop, time in
            try loop.complete {
                try await loop.sleep(for: .zero)
                try await loop.sleep(for: .seconds(Int64.min))
            }
            #expect(time.now().nanoseconds == 0)
        }
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(Int64.max) * 4, .nanoseconds(Int64.max)])
    func aSleepBeyondTheClocksRangeIsClampedAndStillCancellable_R40(duration: Duration) throws {
        try withVirtualLoop { loop, _ in
            let task = try loop.spawn { try await loop.sleep(for: duration) }
            try loop.runUntilCalled { done in try loop.callLater(.seconds(3600 * 24 * 365 * 200), done) }
            #expect(loop.taskCount == 1, "it fired")
            task.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
        }
    }

    @Test func cancellingOnTheLoopEndsTheSleepAndItsTimer_R40() throws {
        try withVirtualLoop { loop, time in
            let task = try loop.spawn { try await loop.sleep(for: .seconds(3600)) }
            try loop.turn()
            #expect(loop.timerCount == 1)
            try loop.callSoon { task.cancel() }
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
            #expect(loop.timerCount == 0)
            #expect(time.now().nanoseconds == 0)
        }
    }

    @Test func aForeignThreadsCancellationWakesTheSleepingLoop_R40() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            let task = try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) }
            let canceller = ForeignThread { [asleep = selector.asleep] in
                asleep.wait()
                task.cancel()
            }
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
            canceller.join()
        }
    }

    @Test func aTaskCancelledBeforeItSleepsDoesNotSleep_R40() throws {
        try withVirtualLoop { loop, _ in
            let task = try loop.spawn {
                #expect(Task.isCancelled)
                try await loop.sleep(for: .seconds(3600))
            }
            task.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
            #expect(loop.timerCount == 0)
        }
    }

    @Test func aTaskThatSleepsOnAfterItsCancellationLetsTheLoopTurn_R40() throws {
        try withVirtualLoop { loop, _ in
            let turns = Log<Int>()
            let stubborn = try loop.spawn {
                for _ in 0..<1000 where turns.count < 3 { try? await loop.sleep(for: .seconds(1)) }
                return turns.count
            }
            stubborn.cancel()
            try loop.complete {
                for number in 0..<3 {
                    turns.append(number)
                    await EventLoop.yield()
                }
            }
            let turnsMeanwhile = try loop.complete { try await stubborn.value }
            #expect(turnsMeanwhile == 3)
        }
    }

    @Test func aCancellationAfterTheSleepDoesNothing_R40() throws {
        try withVirtualLoop { loop, _ in
            let value = try loop.complete {
                try await loop.sleep(for: .seconds(1))
                withUnsafeCurrentTask { $0?.cancel() }
                return 1
            }
            #expect(value == 1)
        }
    }

    @Test func cancellationsThatRaceWithTheSleepEndItOnce_R40() throws {
        try withLoop { loop in
            for round in 0..<500 {
                let started = Gate()
                let task = try loop.spawn {
                    started.open()
                    try await loop.sleep(for: round.isMultiple(of: 2) ? .seconds(3600) : .microseconds(round % 50))
                }
                let canceller = ForeignThread {
                    started.wait()
                    task.cancel()
                }
                _ = try? loop.complete { try await task.value }
                canceller.join()
            }
            try loop.turn()
        }
    }

    /// A task that is not the loop's own: its next step does not need the loop.
    @Test func aLoopThatIsClosedEndsItsSleeps_R43() async throws {
        let (ended, task) = (Log<EventLoopError>(), Log<Task<Void, any Error>>())
        let loop = EventLoop.virtual()
        try await onThreadOfItsOwn {
            try loop.callSoon {
                task.append(
                    Task.immediate {
                        do { try await loop.sleep(for: .seconds(1)) } catch let error as EventLoopError {
                            ended.append(error)
                        }
                    })
            }
            try loop.turn()
            #expect(loop.timerCount == 1)
            try loop.close()
        }
        try await task.entries.first?.value
        #expect(ended.entries == [.closed])
    }

    @Test func aSleepOnAnotherLoopIsRefused() throws {
        try withLoop { loop in
            try withLoop { other in
                #expect(throws: EventLoopError.wrongThread) {
                    try loop.complete { try await other.sleep(for: .zero) }
                }
            }
        }
    }
}
