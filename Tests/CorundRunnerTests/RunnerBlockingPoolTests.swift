import CorundRunner
import Foundation
import TestSupport
import Testing

struct RunnerBlockingPoolTests {
    @Test func theBlockingPoolIsShutDownAfterTheTasksAndBeforeTheLoopIsClosed_R18() throws {
        let order = Log<String>()
        let runner = Runner()
        let loop = try runner.loop
        let (began, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let ended = callFromAnotherLoop(loop) {
            began.signal()
            release.wait()
            let turned = DispatchSemaphore(value: 0)
            try? loop.callSoonThreadSafe { turned.signal() }
            order.append("pool, the loop turned: \(turned.wait(timeout: .now() + 30) == .success)")
        }
        began.wait()
        try runner.run {
            try loop.spawn {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                    try await loop.spawn { try await loop.runBlocking { order.append("task, pool open") } }.value
                    release.signal()
                }
            }
            try await loop.sleep(for: .zero)
        }
        try runner.close()
        #expect(order.entries == ["task, pool open", "pool, the loop turned: true"])
        #expect(loop.blockingPoolCounts == BlockingPoolCounts(threads: 0, busy: 0, queued: 0))
        expectClosed(loop)
        ended.wait()
    }

    @Test func closeAfterBlockingWorkKeepsNothingAlive_R33() throws {
        try withRunner { runner in
            let loop = try runner.loop
            for number in 0..<10 {
                let value = try runner.run { try await loop.runBlocking { number } }
                #expect(value == number)
            }
        }
    }

    @Test func closeWithAStuckThreadReturnsAfterThePoolTimeout_R33() throws {
        let reports = Log<String>()
        let runner = Runner()
        let loop = try runner.loop
        loop.exceptionHandler = { reports.append($0.message) }
        let (began, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let ended = callFromAnotherLoop(loop) {
            began.signal()
            release.wait()
        }
        began.wait()
        try runner.close(poolTimeout: .milliseconds(5))
        expectClosed(loop)
        #expect(loop.blockingPoolCounts.threads == 1)
        #expect(
            reports.entries == [
                "the blocking pool did not finish joining its threads within 0.005 seconds; 1 are left behind"
            ])
        release.signal()
        ended.wait()
    }

    @Test(arguments: [Duration.zero, .seconds(-1)])
    func aPoolTimeoutOfZeroOrLessIsRefusedWithoutClosing_R34(timeout: Duration) throws {
        try withRunner { runner in
            _ = try runner.loop
            #expect(throws: BlockingPoolError.timeoutNotPositive) { try runner.close(poolTimeout: timeout) }
            let value = try runner.run { 1 }
            #expect(value == 1)
        }
    }

    @Test func aClosedRunnersLoopTakesNoBlockingWork_R31() async throws {
        let loop = try RunnerBlockingPoolTests.closedLoop()
        await #expect(throws: BlockingPoolError.shutDown) {
            try await loop.runBlocking { Issue.record("the closure ran") }
        }
    }

    private static func closedLoop() throws -> EventLoop {
        let runner = Runner()
        let loop = try runner.loop
        try runner.close()
        return loop
    }

    @Test func processExitNeverJoinsAStuckThread_R35() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try RunnerBlockingPoolTests.closeWithAThreadThatIsStuckForGood()
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("a task ignored its cancellation and was left behind [task stuck"))
        #expect(text.contains("the blocking pool did not finish joining its threads within 0.005 seconds"))
    }

    private static func closeWithAThreadThatIsStuckForGood() throws {
        let runner = Runner()
        let loop = try runner.loop
        let began = DispatchSemaphore(value: 0)
        try runner.run {
            try loop.spawn(name: "stuck") {
                try await loop.runBlocking {
                    began.signal()
                    while true { pause() }
                }
            }
            try await loop.sleep(for: .zero)
        }
        began.wait()
        try runner.close(taskTimeout: .milliseconds(5), poolTimeout: .milliseconds(5))
        try #require(loop.isClosed)
        alarm(30)  // An exit that joins the thread would otherwise never end, and nobody would know which test hangs.
    }
}

/// Has `loop` run `body` for a caller that is no task of it, so that `body` may outlive its tasks.
///
/// - Returns: signalled when the caller has got its answer.
private func callFromAnotherLoop(_ loop: EventLoop, _ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
        #expect(throws: Never.self) { try Runner.run { try await loop.runBlocking(body) } }
        ended.signal()
    }
    return ended
}
