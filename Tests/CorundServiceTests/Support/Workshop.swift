import CorundAPI
import CorundLoop
import CorundRunner
import Logging
import Testing
import Varlink

@testable import CorundService

/// A scheduler, a board and a store on a loop whose time jumps to the next deadline, and kinds of job to try them with.
final class Workshop {
    let loop: EventLoop
    let clock: VirtualTime
    let statistics = JobStatistics()
    let scheduler: Scheduler
    let store: JobStore
    let engine: any StoreEngine
    let board: JobBoard
    let registry: JobRegistry
    let journal = Journal()
    /// What was logged.
    let entries = LogEntries()
    let wallClock: WallClock
    /// Microseconds that somebody has set the wall clock forward by; see ``setWallClock(by:)``.
    private let wallClockOffset = Offset()

    /// What the handlers noted, in order.
    final class Journal: @unchecked Sendable {
        // SAFETY: confined to the test's loop, where the handlers run.
        var lines: [String] = []
        var running = 0
        var mostRunning = 0
    }

    static let noon = Timestamp(microseconds: 1_795_262_400_000_000)
    /// Who submits, and may do everything.
    static let principal = Principal(userID: 1000, roles: .operate)

    private init(
        _ clock: VirtualTime, _ loop: EventLoop, _ context: Context, _ options: Options,
        _ kinds: (inout JobRegistry, Journal) -> Void, _ makeEngine: EngineMaker
    ) throws {
        self.loop = loop
        self.clock = clock
        var registry = Self.registry(journal)
        kinds(&registry, journal)
        self.registry = registry
        wallClock = WallClock { [wallClockOffset] in
            if options.clockTicks { clock.advance(by: .milliseconds(1)) }
            let sinceNoon = clock.now().nanoseconds / 1000 + wallClockOffset.microseconds
            return Timestamp(microseconds: Self.noon.microseconds + sinceNoon)
        }
        let logger = Logger(label: "test") { [entries] _ in RecordingLogHandler(entries: entries) }
        scheduler = Scheduler(
            loop: loop, sharedContext: context,
            limits: Scheduler.Limits(
                running: options.running, waiting: options.waiting, cancelGrace: options.cancelGrace,
                backoff: options.backoff),
            statistics: statistics, wallClock: wallClock, logger: logger)
        engine = try makeEngine(
            Retention(
                jobs: options.retainedJobs, age: options.retention.clampedNanoseconds / 1000,
                bytes: options.retainedBytes))
        store = try JobStore(engine: engine, loop: loop, logger: logger, now: wallClock.now)
        board = JobBoard(
            store: store, scheduler: scheduler, kinds: KindCatalog(registry), wallClock: wallClock, logger: logger)
    }

    /// Confined to the test's loop, where the clock is read.
    private final class Offset: @unchecked Sendable {
        var microseconds: Int64 = 0
    }

    /// Sets the wall clock forward or back, and tells the scheduler.
    func setWallClock(by duration: Duration) {
        wallClockOffset.microseconds += duration.clampedNanoseconds / 1000
        scheduler.wallClockWasSet()
    }

    struct Options: Sendable {
        var running = 10
        var waiting = 100
        var cancelGrace = Duration.seconds(5)
        var backoff = RetryBackoff()
        var retainedJobs = 1000
        var retention = Duration.seconds(3600)
        var retainedBytes = 1 << 30
        /// Whether a millisecond passes each time that somebody asks for the time of day.
        var clockTicks = false
    }

    typealias EngineMaker = (Retention) throws -> any StoreEngine

    /// Runs `body` on the loop of a new workshop; all of it must be gone in the end.
    static func run(
        _ options: Options = Options(), kinds: (inout JobRegistry, Journal) -> Void = { _, _ in },
        engine makeEngine: EngineMaker = { try MemoryEngine(retention: $0) },
        _ body: @escaping (Workshop) async throws -> Void
    ) throws {
        weak var scheduler: Scheduler?
        weak var loop: EventLoop?
        do {
            let clock = VirtualTime()
            let runner = Runner { EventLoop(virtualTime: clock) }
            nonisolated(unsafe) let workshop = try Workshop(
                clock, try runner.loop, try runner.context, options, kinds, makeEngine)
            nonisolated(unsafe) let body = body
            (scheduler, loop) = (workshop.scheduler, workshop.loop)
            try runner.run { try await body(workshop) }
            workshop.scheduler.close()
            try runner.close()
            #expect(workshop.loop.taskCount == 0)
        }
        #expect(scheduler == nil, "something keeps the scheduler")
        #expect(loop == nil, "something keeps the loop")
    }

    // MARK: Jobs

    func record(_ id: String) throws -> JobRecord {
        JobRecord(try JobBoard.number(id), engine)
    }

    @discardableResult
    func submit(_ submission: Submission) async throws -> JobRecord {
        try record(await board.submit(submission, from: Self.principal).id)
    }

    @discardableResult
    func submit(_ job: String, _ arguments: String = "{}", _ fill: (inout Submission) -> Void = { _ in }) async throws
        -> JobRecord
    {
        try await submit(Self.submission(job, arguments, fill))
    }

    func submitMany(_ submissions: [Submission]) async throws -> [String] {
        try await board.submit(submissions, from: Self.principal)
    }

    static func submission(
        _ job: String, _ arguments: String = "{}", _ fill: (inout Submission) -> Void = { _ in }
    ) throws -> Submission {
        var submission = Submission(job: job, arguments: try RawJSON(validating: arguments))
        fill(&submission)
        return submission
    }

    /// A job that notes its beginning and its end, which are so many seconds apart.
    func work(_ name: String, seconds: Double = 1, _ fill: (inout Submission) -> Void = { _ in }) async throws
        -> JobRecord
    {
        try await submit("work", #"{"name":"\#(name)","seconds":\#(seconds)}"#, fill)
    }

    /// Cancels the job, and returns when everything that has happened at once is recorded.
    func cancel(_ record: JobRecord, _ cause: CancelCause = .request(reason: nil)) async throws {
        scheduler.cancel(try #require(board.execution(of: record.id)), cause)
        await settle()
    }

    /// Returns when everything that has happened is recorded.
    func settle() async {
        _ = await store.settle(until: loop.now + .seconds(1))
    }

    /// Returns when the job is recorded to be as `condition` wants it.
    func wait(for record: JobRecord, until condition: (Job) -> Bool) async throws {
        try await board.changes.follow(record.id) { follower in
            while true {
                let version = follower.version
                if condition(record.job) { return }
                try await follower.wait(after: version)
            }
        }
    }

    @discardableResult
    func end(of record: JobRecord) async throws -> Job {
        try await board.end(of: record.id, for: Self.principal)
    }

    func end(of records: [JobRecord]) async throws {
        for record in records { try await end(of: record) }
    }

    /// Seconds since the beginning.
    var seconds: Double { Double(clock.now().nanoseconds) / 1e9 }

    static func seconds(_ time: Timestamp?) -> Double? {
        time.map { Double($0.microseconds - noon.microseconds) / 1e6 }
    }

    // MARK: Kinds

    private struct Work: Decodable {
        let name: String
        let seconds: Double
    }

    private struct Failing: Decodable {
        let failures: Int
    }

    private static func registry(_ journal: Journal) -> JobRegistry {
        var registry = JobRegistry.builtIn
        registry.register("work") { (work: Work, _) in
            journal.lines.append("+\(work.name)")
            journal.running += 1
            journal.mostRunning = max(journal.mostRunning, journal.running)
            defer {
                journal.running -= 1
                journal.lines.append("-\(work.name)")
            }
            try await EventLoop.running?.sleep(for: .seconds(work.seconds))
        }
        registry.register("fails") { (arguments: Failing, job) in
            guard job.attempt > arguments.failures else { throw JobFailure(kind: "Again", message: "\(job.attempt)") }
        }
        registry.register("stumble") { (work: Work, _) -> Void in
            try await EventLoop.running?.sleep(for: .seconds(work.seconds))
            throw JobFailure(kind: "Stumbled", message: "")
        }
        registry.register("stubborn") { (work: Work, _) in
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                _ = try? EventLoop.running?.callLater(.seconds(work.seconds)) { continuation.resume() }
            }
            try Task.checkCancellation()
        }
        registry.register("offended") { (_: [String: Int], _) -> Void in
            do { try await EventLoop.running?.sleep(for: .seconds(60)) } catch {
                throw JobFailure(kind: "Offended", message: "how dare you")
            }
        }
        registry.register("reporter") { (_: [String: Int], job) in
            job.report(progress: 0.5, note: "half")
            job.log("hello", level: "notice")
            job.report(progress: 7)
            job.report(progress: .nan)
            await Task.yield()
        }
        registry.register("chatter") { (work: Work, job) in
            for line in 0..<Int(work.seconds) { job.log("\(line)") }
            job.report(progress: 1, note: "all said")
        }
        return registry
    }
}

extension Principal {
    /// A user with these roles.
    init(userID: UInt32, roles: AccessRoles) {
        self.init(peer: Peer(processID: 1, userID: userID, groupID: userID), roles: roles)
    }
}
