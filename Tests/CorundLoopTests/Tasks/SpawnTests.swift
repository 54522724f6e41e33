import TestSupport
import Testing

@testable import CorundLoop

struct SpawnTests {
    struct Failure: Error {}

    @Test func aTaskTakesItsFirstStepInTheNextTick() throws {
        try withLoop { loop in
            let ticks = Log<UInt64>()
            try loop.callSoon { [unowned loop] in
                try loop.spawn { ticks.append(loop.tickCount) }
                ticks.append(loop.tickCount)
            }
            try loop.turn(times: 2)
            #expect(ticks.entries == [1, 2])
        }
    }

    @Test func theTasksValueAndErrorReachWhoeverWaits() throws {
        try withLoop { loop in
            let value = try loop.complete { try await loop.spawn { 42 }.value }
            #expect(value == 42)
            #expect(throws: Failure.self) {
                try loop.complete { try await loop.spawn { () throws -> Int in throw Failure() }.value }
            }
        }
    }

    @Test func tasksHaveTheirNameOrANumberAndTheirOrigin() throws {
        try withLoop { loop in
            let named = try loop.spawn(name: "fetch") { #expect(Task.name == "fetch") }
            let numbered = try loop.spawn {}
            #expect(named.name == "fetch" && numbered.name == "task-2")
            #expect(loop.liveTasks.map(\.name) == ["fetch", "task-2"])
            #expect(loop.liveTasks.allSatisfy { $0.createdAt.hasPrefix("CorundLoopTests/SpawnTests.swift:") })
            try loop.turn()
        }
    }

    @Test func cancelReachesTheTask() throws {
        try withLoop { loop in
            let task = try loop.spawn { try await loop.sleep(for: .seconds(3600)) }
            try loop.turn()
            task.cancel()
            #expect(task.isCancelled)
            try loop.turn(times: 2)
        }
    }

    @Test func aTaskThatEndsInAnotherIsolationIsTakenOutOnTheLoop() async throws {
        try await onThreadOfItsOwn {
            try withLoop { loop in
                let done = try loop.spawn { @MainActor in #expect(!loop.isOnItsThread) }
                try loop.spawn {
                    let onMain: @MainActor () async throws -> Void = { throw Failure() }
                    await #expect(throws: Failure.self) { try await onMain() }
                    #expect(loop.isOnItsThread)
                    try await done.value
                    loop.stop()
                }
                try loop.run()
                #expect(loop.taskCount == 0)
            }
        }
    }

    @Test func childTasksStayOnTheLoop() throws {
        try withLoop { loop in
            try loop.complete {
                async let one = loop.isOnItsThread
                let both = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<2 { group.addTask { loop.isOnItsThread } }
                    return await group.reduce(true) { $0 && $1 }
                }
                let first = await one
                #expect(first && both)
            }
        }
    }
}
