import Synchronization
import TestSupport
import Testing

@testable import CorundLoop

struct SubmitTests {
    struct Failure: Error, Equatable {}

    /// Runs a loop, in which `body` is called on a thread of its own, until that has ended.
    private func withForeignThread(
        _ make: () throws -> EventLoop = { try EventLoop() }, _ body: @escaping @Sendable (EventLoop) throws -> Void
    ) throws {
        try withLoop(make) { loop in
            let thread = ForeignThread {
                #expect(throws: Never.self) { try body(loop) }
                try? loop.callSoonThreadSafe { loop.stop() }
            }
            try loop.run()
            thread.join()
        }
    }

    @Test func anotherThreadGetsTheResultOfWhatRunsOnTheLoop_R75() throws {
        let selector = try ObservedSelector()
        let asleep = selector.asleep
        try withForeignThread({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            asleep.wait()
            let future = try loop.submit {
                try await loop.sleep(for: .zero)
                return loop.isOnItsThread
            }
            try #expect(future.wait())
            try #expect(future.wait(timeout: .zero), "it can be asked for again")
            #expect(future.isDone)
        }
    }

    @Test func anotherThreadGetsTheErrorOfWhatRunsOnTheLoop_R75() throws {
        try withForeignThread { loop in
            let future = try loop.submit { () throws -> Int in throw Failure() }
            #expect(throws: Failure()) { try future.wait() }
        }
    }

    @Test func aTaskElsewhereAwaitsTheResult_R75() async throws {
        let loop = try EventLoop()
        async let ended: Void = onThreadOfItsOwn { try loop.run() }
        let value = try await loop.submit { 7 }.value
        let failing = try loop.submit { throw Failure() }
        await #expect(throws: Failure()) { try await failing.value }
        try await loop.submit { loop.stop() }.value
        try await ended
        #expect(value == 7)
        try loop.close()
    }

    /// As when one thread cancels what was submitted and another lets go of the closed loop.
    @Test func whatIsEndedWhileItsLoopGoesIsForgottenWithoutATrap_R75() throws {
        let portals = Mutex<Portal?>(Portal())
        let promise = Promise<Void>()
        let lettingGo = Log<Bool>()
        promise.whenEnded { _ in
            let portal = portals.withLock { $0.take() }
            portal?.close()
            lettingGo.append(portal != nil)
        }
        #expect(portals.withLock { $0?.accept(promise) } == 1)
        promise.cancel()
        #expect(lettingGo.entries == [true])
    }

    @Test func whatIsCancelledBeforeItBeginsNeverRuns_R75() throws {
        try withLoop { loop in
            let future = try loop.submit { Issue.record("it was cancelled") }
            future.cancel()
            #expect(future.isDone)
            #expect(throws: CancellationError.self) { try future.wait() }
            try loop.turn(times: 2)
        }
    }

    @Test func whatHasBegunIsCancelledFromAnotherThread_R75() throws {
        try withForeignThread { loop in
            let begun = Gate()
            let future = try loop.submit {
                begun.open()
                try await loop.sleep(for: .seconds(Int64.max))
            }
            begun.wait()
            future.cancel()
            #expect(throws: CancellationError.self) { try future.wait() }
            future.cancel()
        }
    }

    @Test func aCancellationThatRacesWithTheBeginningIsNotLost_R75() throws {
        try withForeignThread { loop in
            for _ in 0..<500 {
                let future = try loop.submit { try await loop.sleep(for: .seconds(Int64.max)) }
                future.cancel()
                #expect(throws: CancellationError.self) { try future.wait() }
            }
        }
    }

    @Test func aWaitThatTimesOutLeavesTheWorkAlone_R75() throws {
        try withForeignThread { loop in
            let gate = try loop.submit { try await loop.sleep(for: .seconds(Int64.max)) }
            let future = try loop.submit { () async throws -> Int in
                _ = try? await gate.value
                return 5
            }
            #expect(throws: EventLoopError.timedOut) { try future.wait(timeout: .milliseconds(1)) }
            #expect(throws: EventLoopError.timedOut) { try future.wait(timeout: .seconds(-1)) }
            gate.cancel()
            try #expect(future.wait(timeout: .seconds(Int64.max)) == 5)
        }
    }

    @Test func aWaitOnTheLoopsOwnThreadIsRefused_R75() throws {
        try withLoop { loop in
            let future = try loop.submit { 1 }
            try loop.callSoon {
                #expect(throws: EventLoopError.waitOnOwnThread) { try future.wait() }
            }
            try loop.turn(times: 2)
            try loop.callSoon {
                try #expect(future.wait() == 1, "there is nothing to wait for any more")
            }
            try loop.turn()
        }
    }

    @Test func afterTheCloseNothingIsAccepted_R75() throws {
        let loop = try EventLoop()
        try loop.close()
        #expect(throws: EventLoopError.closed) { try loop.submit { Issue.record("it was refused") } }
    }

    @Test func whatHasNotBegunAtTheCloseIsTold_R75() async throws {
        let loop = try EventLoop()
        let future = try loop.submit { 1 }
        let value = Task { try await future.value }
        try loop.close()
        #expect(throws: EventLoopError.closed) { try waitBlocking(future) }
        await #expect(throws: EventLoopError.closed) { try await value.value }
    }

    @Test func whatHasBegunAndNotEndedAtTheCloseIsTold_R75() throws {
        let loop = try EventLoop()
        let future = try loop.submit { try await loop.sleep(for: .seconds(Int64.max)) }
        try loop.turn(times: 2)
        #expect(loop.taskCount == 1)
        let told = Gate()
        let thread = ForeignThread {
            #expect(throws: EventLoopError.closed) { try future.wait() }
            told.open()
        }
        try loop.close()
        told.wait()
        thread.join()
    }

    @Test func aLoopThatGoesWithoutACloseTells_R75() throws {
        var loop: EventLoop? = try EventLoop()
        let future = try loop?.submit { 1 }
        loop = nil
        #expect(throws: EventLoopError.closed) { try future?.wait() }
    }

    @Test func whatIsSubmittedWhileTheLoopClosesRunsOrIsTold_R75() throws {
        for _ in 0..<20 {
            let loop = try EventLoop()
            let ends = Log<String>()
            let accepted = Atomic(0)
            let underway = Gate()
            let threads = ForeignThread {
                ForeignThread.concurrently(4) { _ in
                    while let future = try? loop.submit({ 1 }) {
                        accepted.add(1, ordering: .relaxed)
                        underway.open()
                        do { ends.append("ran \(try future.wait())") } catch { ends.append("\(error)") }
                    }
                }
            }
            underway.wait()
            try loop.turn(times: 20)
            try loop.close()
            threads.join()
            #expect(ends.count == accepted.load(ordering: .relaxed))
            #expect(Set(ends.entries).isSubset(of: ["ran 1", EventLoopError.closed.description]))
        }
    }

    @Test func aFailureThatNobodyAskedForIsReportedOnce_R50_R75() throws {
        try withLoop { loop in
            let reports = Log<String?>()
            loop.exceptionHandler = { reports.append($0.taskName) }
            try loop.submit(name: "orphan") { throw Failure() }
            var asked: LoopFuture? = try loop.submit { throw Failure() }
            try loop.turn(times: 3)
            #expect(throws: Failure()) { try asked?.wait() }
            asked = nil
            try loop.turn()
            #expect(reports.entries == ["orphan"])
            loop.exceptionHandler = nil
        }
    }

    @Test func whatIsSubmittedSeesACopyOfItsCallersContext_R64_R75() throws {
        let variable = ContextVariable("v", default: "outside")
        try withForeignThread { loop in
            try Context().run {
                variable.set("submitted")
                let seen = try loop.submit {
                    defer { variable.set("changed") }
                    return try variable.get()
                }
                try #expect(seen.wait() == "submitted")
                try #expect(variable.get() == "submitted")
            }
            let given = Context()
            try given.run { _ = variable.set("given") }
            try #expect(loop.submit(context: given) { try variable.get() }.wait() == "given")
        }
    }

    @Test func submissionsHaveTheirNameOrANumberAndTheirOrigin_R75() throws {
        try withLoop { loop in
            let named = try loop.submit(name: "fetch") {}
            let numbered = try loop.submit { #expect(Task.name == "submission-2") }
            #expect(named.name == "fetch" && numbered.name == "submission-2")
            try loop.callSoonThreadSafe { [unowned loop] in
                #expect(loop.liveTasks.allSatisfy { $0.createdAt.hasPrefix("CorundLoopTests/SubmitTests.swift:") })
                #expect(loop.liveTasks.map(\.name) == ["fetch", "submission-2"])
            }
            try loop.turn(times: 2)
        }
    }

    /// What may not be called in an async function.
    private func waitBlocking(_ future: LoopFuture<Int>) throws {
        _ = try future.wait()
    }
}
