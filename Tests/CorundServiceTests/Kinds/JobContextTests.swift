import CorundAPI
import CorundLoop
import Logging
import TestSupport
import Testing
import Varlink

@testable import CorundService

/// What a handler can do with the job it works on.
struct JobContextTests {
    private typealias Handler = @Sendable (JobContext, Workshop.Journal) async throws -> Void

    /// Runs a job with that handler to its end; gives the job, and what the handler has noted.
    private static func run(
        timeout: Int? = nil, cancelAfter cancelTime: Duration? = nil, _ handler: @escaping Handler
    ) throws -> (job: Job, lines: [String]) {
        nonisolated(unsafe) var outcome: (Job, [String])?
        try Workshop.run(
            Workshop.Options(),
            kinds: { registry, journal in
                registry.register("own") { (_: [String: Int], job) in try await handler(job, journal) }
            }
        ) { shop in
            let record = try await shop.submit("own") { $0.timeoutMilliseconds = timeout }
            if let cancelTime {
                try await shop.loop.sleep(for: cancelTime)
                try await shop.cancel(record)
            }
            let job = try await shop.end(of: record)
            #expect(shop.loop.timerCount == 0)
            outcome = (job, shop.journal.lines)
        }
        return try #require(outcome)
    }

    // MARK: Children

    @Test func aChildRunsBesideTheHandlerInItsContext() throws {
        let variable = ContextVariable<String>("name")
        let (job, lines) = try Self.run { job, journal in
            variable.set("shared")
            let child = try job.spawn {
                try await EventLoop.running?.sleep(for: .seconds(1))
                return try variable.get()
            }
            journal.lines.append("meanwhile")
            journal.lines.append(try await child.value)
        }
        #expect(job.state == .succeeded)
        #expect(lines == ["meanwhile", "shared"])
    }

    @Test func theJobEndsWhenItsChildrenHaveEndedAndTheyAreCancelledFirst() throws {
        let (job, lines) = try Self.run { job, journal in
            for name in ["a", "b"] {
                try job.spawn {
                    do { try await EventLoop.running?.sleep(for: .seconds(1000)) } catch {
                        // Clean-up that takes its time.
                        try await job.withShield { try await EventLoop.running?.sleep(for: .seconds(2)) }
                        journal.lines.append("\(name) cancelled")
                    }
                }
            }
            try await EventLoop.running?.sleep(for: .seconds(1))
        }
        #expect(job.state == .succeeded)
        #expect(lines.sorted() == ["a cancelled", "b cancelled"])
        #expect(Workshop.seconds(job.finishedAt) == 3)
    }

    @Test func theJobsCancellationReachesItsChildrenAtOnce() throws {
        let (job, lines) = try Self.run(cancelAfter: .seconds(1)) { job, journal in
            let child = try job.spawn {
                do { try await EventLoop.running?.sleep(for: .seconds(1000)) } catch {
                    journal.lines.append("cancelled at \(EventLoop.running?.now.nanoseconds ?? 0)")
                    throw error
                }
            }
            try await child.value
        }
        #expect(job.state == .cancelled)
        #expect(lines == ["cancelled at 1000000000"])
    }

    @Test func aCancelledJobStartsNoChildAnyMore() throws {
        let (job, lines) = try Self.run(cancelAfter: .seconds(1)) { job, journal in
            try? await EventLoop.running?.sleep(for: .seconds(1000))
            do { try job.spawn { journal.lines.append("ran") } } catch { journal.lines.append("\(type(of: error))") }
            try Task.checkCancellation()
        }
        #expect(job.state == .cancelled)
        #expect(lines == ["CancellationError"])
    }

    @Test func aJobThatHasEndedStartsNoChildAnyMore() throws {
        nonisolated(unsafe) var ended: JobContext?
        try Workshop.run(
            kinds: { registry, _ in
                registry.register("own") { (_: [String: Int], job) in ended = job }
            }
        ) { shop in
            try await shop.end(of: try await shop.submit("own"))
            #expect(throws: CancellationError.self) { try ended?.spawn {} }
            ended = nil
        }
    }

    @Test func childrenThatHaveEndedAreLetGoOf() throws {
        let (_, lines) = try Self.run { job, journal in
            for _ in 0..<1000 { try await job.spawn {}.value }
            journal.lines.append("\(job.execution.children?.count ?? -1)")
        }
        #expect(lines == ["0"])
    }

    // MARK: The shield

    @Test func whatIsShieldedGoesOnThoughTheJobIsCancelled() throws {
        let (job, lines) = try Self.run(cancelAfter: .seconds(1)) { job, journal in
            do { try await EventLoop.running?.sleep(for: .seconds(1000)) } catch {
                let answer = try await job.withShield {
                    try await EventLoop.running?.sleep(for: .seconds(2))
                    return 42
                }
                journal.lines.append("cleaned up: \(answer)")
                throw error
            }
        }
        #expect(job.state == .cancelled)
        #expect(lines == ["cleaned up: 42"])
        #expect(Workshop.seconds(job.finishedAt) == 3)
    }

    @Test func aShieldThrowsWhatItsOperationThrows() throws {
        let (job, _) = try Self.run { job, _ in
            try await job.withShield { throw JobFailure(kind: "Broken", message: "it broke") }
        }
        #expect(job.failure == Failure(kind: "Broken", message: "it broke", attempt: 1))
    }

    // MARK: Other threads

    @Test(arguments: 0..<20) func whatIsSaidInABlockingClosureIsSeenInOrder(_: Int) throws {
        try Workshop.run(
            kinds: { registry, _ in
                registry.register("own") { (_: [String: Int], job) in
                    job.report(progress: 0.25)
                    try await job.runBlocking {
                        for step in 1...100 { job.log("step \(step)") }
                        job.write(Array("out".utf8), to: .output)
                        job.report(progress: 0.75)
                    }
                    job.report(progress: 1)
                }
            }
        ) { shop in
            let record = try await shop.submit("own")
            try await shop.end(of: record)
            let events = record.events
            #expect(events.compactMap(\.message?.text) == (1...100).map { "step \($0)" })
            #expect(events.compactMap(\.progress?.fraction) == [0.25, 0.75, 1])
            #expect(events.compactMap(\.output).count == 1)
        }
    }

    /// As when a closure has ended before its caller waits for it: the loop has no turn in between.
    @Test func whatWasSaidElsewhereIsSeenAlthoughTheJobEndsInTheSameTick() throws {
        try Workshop.run(
            kinds: { registry, _ in
                registry.register("own") { (_: [String: Int], job) in
                    ForeignThread { job.report(progress: 0.25) }.join()
                    job.report(progress: 0.5)
                    ForeignThread { job.report(progress: 0.75) }.join()
                }
            }
        ) { shop in
            let record = try await shop.submit("own")
            try await shop.end(of: record)
            #expect(record.events.compactMap(\.progress?.fraction) == [0.25, 0.5, 0.75])
        }
    }

    @Test func whatNeedsTheLoopIsRefusedElsewhere() throws {
        let (job, errors) = try Self.run { job, journal in
            let errors = Log<EventLoopError?>()
            ForeignThread {
                func note(_ body: () async throws -> Void) async {
                    do { try await body() } catch { errors.append(error as? EventLoopError) }
                }
                try? Runner.run {
                    await note { try job.spawn {} }
                    await note { try await job.withShield {} }
                    await note { try await job.runBlocking {} }
                }
            }.join()
            journal.lines = errors.entries.map { "\($0 == .wrongThread)" }
        }
        #expect(job.state == .succeeded)
        #expect(errors == ["true", "true", "true"])
    }

    // MARK: What it knows

    @Test func theDeadlineIsWhenItsTimeIsUp() throws {
        let (_, lines) = try Self.run(timeout: 5000) { job, journal in
            journal.lines.append("\(job.deadline?.nanoseconds ?? 0)")
        }
        #expect(lines == ["5000000000"])
        let (_, none) = try Self.run { job, journal in journal.lines.append("\(job.deadline == nil)") }
        #expect(none == ["true"])
    }

    /// Its start is recorded first, which may take a while.
    @Test func theTimeOfAnAttemptBeginsWithItsHandler() throws {
        nonisolated(unsafe) var disk: TrialEngine?
        try Workshop.run(
            kinds: { registry, journal in
                registry.register("deadline") { (_: [String: Int], job) in
                    journal.lines.append("\(job.deadline?.nanoseconds ?? 0)")
                    try await EventLoop.running?.sleep(for: .seconds(60))
                }
            },
            engine: {
                let engine = try TrialEngine(retention: $0)
                disk = engine
                return engine
            }
        ) { shop in
            shop.scheduler.pause(nil)
            let job = try await shop.submit("deadline") { $0.timeoutMilliseconds = 5000 }
            await shop.settle()
            disk?.isHeld = true
            shop.scheduler.resume(nil)
            try await shop.loop.sleep(for: .seconds(3))
            disk?.isHeld = false
            #expect(try await shop.end(of: job).state == .timedOut)
            #expect(shop.journal.lines == ["8000000000"])
            #expect(shop.seconds == 8)
        }
    }

    @Test func blockingWorkRunsElsewhereAndItsErrorIsTheJobs() throws {
        let (job, lines) = try Self.run { job, journal in
            let isOnLoop = try await job.runBlocking { EventLoop.running != nil }
            journal.lines.append("on the loop: \(isOnLoop)")
            try await job.runBlocking { throw JobFailure(kind: "Disk", message: "gone") }
        }
        #expect(lines == ["on the loop: false"])
        #expect(job.failure?.kind == "Disk")
    }

    @Test func theContextIsTheOneItRunsIn() throws {
        let (_, lines) = try Self.run { job, journal in
            let variable = ContextVariable("x", default: 1)
            variable.set(2)
            journal.lines.append("\(job.context[variable] ?? 0)")
        }
        #expect(lines == ["2"])
    }

    @Test func itsLoggerHasTheJobInItsMetadata() throws {
        try Workshop.run(
            kinds: { registry, _ in
                registry.register("own") { (_: [String: Int], job) in
                    let logger = job.logger
                    logger.notice("one", metadata: ["page": "1"])
                    logger.debug("below the level")
                }
            }
        ) { shop in
            try await shop.end(of: try await shop.submit("own") { $0.context = "mine" })
            let job = ["job": "1", "kind": "own", "attempt": "1", "context": "mine", "peer_uid": "1000"]
            let metadata = job.merging(["page": "1"]) { $1 }
            #expect(shop.entries.all == [.init(.notice, "one", metadata)])
        }
    }
}
