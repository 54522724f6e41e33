import TestSupport
import Testing

@testable import CorundLoop

/// `Task.sleep`, the runtime's own, inside a loop.
struct TaskSleepTests {
    @Test func itUsesTheLoopsOwnTimersAndResumesOnTheLoop_R41() throws {
        try withVirtualLoop { loop, time in
            try loop.complete {
                try await Task.sleep(for: .seconds(3600))
                #expect(loop.isOnItsThread)
                try await Task.sleep(nanoseconds: 1_000)
                try await ContinuousClock().sleep(until: .now + .zero)
                #expect(loop.isOnItsThread)
            }
            // The runtime asks for a point on the real clock, which goes on a little before the loop hears of it.
            #expect(loop.now > LoopTime(nanoseconds: 3_590_000_000_000))
        }
    }

    @Test func sleepersWakeInTheOrderOfTheirDeadlines_R41() throws {
        try withVirtualLoop { loop, _ in
            let woken = Log<Int>()
            try loop.complete {
                let sleepers = try [3, 1, 2].map { seconds in
                    try loop.spawn {
                        try await Task.sleep(for: .seconds(seconds))
                        woken.append(seconds)
                    }
                }
                for sleeper in sleepers { try await sleeper.value }
            }
            #expect(woken.entries == [1, 2, 3])
        }
    }

    @Test func aCancelledOneEndsAtOnceAndLeavesNothingThatALaterCloseTripsOver_R41() throws {
        let loop = try EventLoop()
        try loop.complete {
            let sleeper = try loop.spawn { try await Task.sleep(for: .seconds(3600)) }
            await EventLoop.yield()
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
        #expect(loop.timerCount == 1, "the runtime waits for its sleep's end, whoever was woken")
        try loop.close()
        #expect(loop.timerCount == 0)
    }
}
