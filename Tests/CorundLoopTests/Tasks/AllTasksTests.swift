import TestSupport
import Testing

@testable import CorundLoop

struct AllTasksTests {
    private func states(of loop: EventLoop) -> [String: TaskSnapshot.State] {
        Dictionary(uniqueKeysWithValues: loop.allTasks().map { ($0.name, $0.state) })
    }

    @Test func tasksAreShownAsLongAsTheyLiveInTheOrderOfTheirMaking_R73() throws {
        try withVirtualLoop { loop, _ in
            #expect(loop.allTasks().isEmpty)
            for number in 0..<5 {
                try loop.spawn(name: "\(number)") { try await loop.sleep(for: .seconds(number + 1)) }
            }
            try loop.runUntilCalled { done in try loop.callLater(.milliseconds(2500), done) }
            try loop.spawn(name: "new", fileID: "Shop/Counter.swift", line: 7) {}
            let tasks = loop.allTasks()
            #expect(tasks.map(\.name) == ["2", "3", "4", "new"])
            #expect(tasks.map(\.id) == [3, 4, 5, 6])
            #expect(tasks[0].createdAt.hasPrefix("CorundLoopTests/AllTasksTests.swift:"))
            #expect(tasks[3].createdAt == "Shop/Counter.swift:7")
            try loop.runUntilCalled { done in try loop.callLater(.seconds(5), done) }
            #expect(loop.allTasks().isEmpty)
        }
    }

    @Test func theStateIsWhatTheTaskIsAbout_R73() throws {
        try withVirtualLoop { loop, _ in
            let seen = Log<[String: TaskSnapshot.State]>()
            let states = states
            try loop.spawn(name: "sleeps") { try await loop.sleep(for: .seconds(1)) }
            try loop.turn()
            try loop.spawn(name: "had its turn") { try await loop.sleep(for: .seconds(1)) }
            try loop.spawn(name: "looks") { seen.append(states(loop)) }
            try loop.spawn(name: "comes later") {}
            try loop.spawn(name: "gives way") { await EventLoop.yield() }
            #expect(
                states(loop) == [
                    "sleeps": .waiting, "had its turn": .ready, "looks": .ready, "comes later": .ready,
                    "gives way": .ready,
                ])
            try loop.callSoonThreadSafe { [unowned loop] in seen.append(states(loop)) }
            try loop.turn()
            #expect(
                seen.entries.first == [
                    "sleeps": .waiting, "had its turn": .waiting, "looks": .running, "comes later": .ready,
                    "gives way": .ready,
                ])
            #expect(
                seen.entries.last == ["sleeps": .waiting, "had its turn": .waiting, "gives way": .ready],
                "in a callback, no task is being run")
            #expect(states(loop)["gives way"] == .ready)
            try loop.runUntilCalled { done in try loop.callLater(.seconds(1), done) }
            try loop.turn()
        }
    }

    @Test func whatAnotherThreadResumedIsReady_R73() throws {
        try withLoop { loop in
            let continuation = Log<UnsafeContinuation<Void, Never>>()
            try loop.spawn(name: "woken") { await withUnsafeContinuation { continuation.append($0) } }
            try loop.turn()
            #expect(states(of: loop) == ["woken": .waiting])
            ForeignThread { for each in continuation.entries { each.resume() } }.join()
            #expect(states(of: loop) == ["woken": .ready])
            try loop.turn()
        }
    }

    @Test func theParentIsTheTaskThatMadeIt_R73() throws {
        try withVirtualLoop { loop, _ in
            let sleep: @Sendable () async throws -> Void = { try await loop.sleep(for: .seconds(1)) }
            try loop.spawn(name: "parent") {
                try loop.spawn(name: "child") {
                    try Context().run { _ = try loop.spawn(name: "grandchild", sleep) }
                    try await sleep()
                }
                async let spawned = loop.spawn(name: "by a child task", sleep)
                _ = try await spawned
                try loop.callSoon { try loop.spawn(name: "by a callback", sleep) }
                await EventLoop.yield()
            }
            try loop.spawn(name: "orphan's parent") { try loop.spawn(name: "orphan", sleep) }
            try loop.turn(times: 6)
            let tasks = loop.allTasks()
            func parent(of name: String) throws -> UInt64? { try #require(tasks.first { $0.name == name }).parent }
            let child = try #require(tasks.first { $0.name == "child" })
            #expect(child.parent == 1)
            #expect(try parent(of: "grandchild") == child.id)
            #expect(try parent(of: "by a child task") == 1)
            #expect(try parent(of: "by a callback") == nil)
            #expect(try parent(of: "orphan") == 2, "also when it has ended")
            try loop.runUntilCalled { done in try loop.callLater(.seconds(2), done) }
        }
    }

    @Test func theAgeIsThatOfTheTask_R73() throws {
        try withVirtualLoop { loop, time in
            time.advance(by: .seconds(100))
            try loop.spawn(name: "first") { try await loop.sleep(for: .seconds(60)) }
            try loop.runUntilCalled { done in try loop.callLater(.seconds(20), done) }
            try loop.callSoon { [unowned loop] in
                try loop.spawn(name: "second") { try await loop.sleep(for: .seconds(60)) }
                loop.stop()
            }
            try loop.run()
            time.advance(by: .seconds(5))
            #expect(loop.allTasks().map(\.age) == [.seconds(25), .seconds(5)])
            for task in loop.liveTasks { task.cancel() }
            try loop.turn(times: 3)
        }
    }

    // MARK: Loop time

    @Test func inDebugModeATasksPiecesAreAddedUp_R73() throws {
        try withVirtualLoop { loop, time in
            loop.isDebugging = true
            loop.exceptionHandler = { _ in }
            try loop.spawn(name: "works") {
                for _ in 0..<3 {
                    time.advance(by: .milliseconds(20))
                    await EventLoop.yield()
                    time.advance(by: .milliseconds(1))
                    await Task.yield()
                }
                try await loop.sleep(for: .seconds(1))
            }
            try loop.spawn(name: "sleeps") { try await loop.sleep(for: .seconds(1)) }
            try loop.callSoon { time.advance(by: .seconds(9)) }
            try loop.turn(times: 12)
            #expect(loop.allTasks().map(\.loopTime) == [.milliseconds(63), .zero])
            try loop.runUntilCalled { done in try loop.callLater(.seconds(2), done) }
        }
    }

    @Test func aTaskThatHasEndedIsKeptByNothing_R73() throws {
        try withVirtualLoop { loop, _ in
            loop.isDebugging = true
            try loop.spawn { await EventLoop.yield() }
            weak let record = loop.liveTasks.first
            try #require(record != nil)
            try loop.turn(times: 3)
            #expect(loop.taskCount == 0 && record == nil)
        }
    }

    @Test func loopTimeIsCountedFromTheTimeDebugModeWasTurnedOn_R73() throws {
        try withVirtualLoop { loop, time in
            loop.isDebugging = false
            try loop.spawn {
                while !Task.isCancelled {
                    time.advance(by: .milliseconds(10))
                    await EventLoop.yield()
                }
            }
            try loop.turn(times: 3)
            #expect(loop.allTasks().map(\.loopTime) == [nil])
            loop.isDebugging = true
            try loop.turn(times: 4)
            loop.isDebugging = true
            #expect(loop.allTasks().map(\.loopTime) == [.milliseconds(40)])
            loop.isDebugging = false
            #expect(loop.allTasks().map(\.loopTime) == [nil])
            loop.cancelAllTasks()
            try loop.turn(times: 2)
        }
    }
}
