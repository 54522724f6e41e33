import CorundRunner
import Foundation
import TestSupport
import Testing

/// What is started while a runner closes.
struct RunnerCloseLateWorkTests {
    @Test func tasksThatTheCleanUpOfAGeneratorStartsAreEndedToo_R22() throws {
        let ended = Log<String>()
        try withRunner { runner in
            let loop = try runner.loop
            let generator = AsyncGenerator { yield in
                do { try await yield(1) } catch {
                    try loop.spawn {
                        defer { ended.append("cancelled \(Task.isCancelled)") }
                        try await loop.sleep(for: .seconds(Int64.max))
                    }
                }
            }
            try runner.run { _ = try await generator.next() }
            try runner.close()
            expectClosed(loop)
            withExtendedLifetime(generator) {}
        }
        #expect(ended.entries == ["cancelled true"])
    }

    @Test func tasksAndGeneratorsThatBeginWhileThePoolEndsAreEndedToo_R22() throws {
        let ended = Log<String>()
        try withRunner { runner in
            let loop = try runner.loop
            loop.exceptionHandler = { #expect($0.message.hasPrefix("an asynchronous generator began after")) }
            let tasksHaveEnded = DispatchSemaphore(value: 0)
            let first = AsyncGenerator { yield in
                defer { tasksHaveEnded.signal() }
                try await yield(1)
            }
            let late = AsyncGenerator { yield in
                do { try await yield(1) } catch { try Self.startTask("of the clean-up", on: loop, ended) }
            }
            try runner.run {
                _ = try await first.next()
                // By a task that the close does not wait for, so that the thread is busy for longer than there are others.
                Task(executorPreference: loop) {
                    try await loop.runBlocking {
                        tasksHaveEnded.wait()
                        try loop.callSoonThreadSafe {
                            Task(executorPreference: loop) { try await late.next() }
                            try Self.startTask("of a callback", on: loop, ended)
                        }
                    }
                }
                while loop.blockingPoolCounts.busy == 0 { await EventLoop.yield() }
            }
            try runner.close()
            expectClosed(loop)
            withExtendedLifetime((first, late)) {}
        }
        #expect(ended.entries == ["of a callback", "of the clean-up"])
    }

    private static func startTask(_ name: String, on loop: EventLoop, _ ended: Log<String>) throws {
        try loop.spawn {
            defer { ended.append(name) }
            try await loop.sleep(for: .seconds(Int64.max))
        }
    }

    @Test func aTaskThatIsGivenUpIsReportedOnce_R23() throws {
        let reports = Log<String?>()
        let runner = Runner()
        let loop = try runner.loop
        loop.exceptionHandler = { reports.append($0.taskName) }
        let generator = AsyncGenerator { yield in
            do { try await yield(1) } catch { try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) } }
        }
        try runner.run {
            _ = try await generator.next()
            try loop.spawn(name: "stuck") { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        }
        try runner.close(taskTimeout: .milliseconds(1))
        #expect(reports.entries == ["stuck"])
        #expect(loop.taskCount == 1)
        withExtendedLifetime(generator) {}
    }

    @Test func submissionsAreRefusedFromTheBeginningOfTheCloseAndAcceptedOnesEnd_R75() throws {
        let refusals = Log<EventLoopError?>()
        try withRunner { runner in
            let loop = try runner.loop
            try loop.spawn {
                do { try await loop.sleep(for: .seconds(Int64.max)) } catch {
                    do { try loop.submit { Issue.record("it was refused") } } catch {
                        refusals.append(error as? EventLoopError)
                    }
                }
            }
            try runner.run {}
            let quick = try loop.submit { 1 }
            let endless = try loop.submit { try await loop.sleep(for: .seconds(Int64.max)) }
            try runner.close()
            try #expect(quick.wait() == 1)
            #expect(throws: CancellationError.self) { try endless.wait() }
            expectClosed(loop)
        }
        #expect(refusals.entries == [.closed])
    }
}
