import CorundAPI
import Varlink

@testable import CorundService

/// The store's tables without a loop: jobs are written as the daemon writes them, and read as a client reads them.
final class Shelf {
    let engine: any StoreEngine
    var now = Workshop.noon

    init(_ engine: any StoreEngine) {
        self.engine = engine
    }

    /// In memory, with so much kept.
    convenience init(jobs: Int = 1000, age: Duration = .seconds(3600), bytes: Int = 1 << 30) throws {
        let retention = Retention(jobs: jobs, age: age.components.seconds * 1_000_000, bytes: bytes)
        self.init(try MemoryEngine(retention: retention))
    }

    /// In the folder's file.
    convenience init(folder: String) throws {
        self.init(try FileEngine(folder: folder, isFullySynchronous: false, retention: Self.generous))
    }

    static let generous = Retention(jobs: 1_000_000, age: .max, bytes: .max)

    func pass(_ time: Duration) {
        now = Timestamp(microseconds: now.microseconds + time.components.seconds * 1_000_000)
    }

    // MARK: Writing

    /// Calls `body` in a transaction.
    @discardableResult
    func write<Value>(_ body: (StoreWriter) throws -> Value) throws -> Value {
        try engine.writeNow { writer in
            var value: Value?
            try writer.inTransaction { value = try body(writer) }
            guard let value else { preconditionFailure("the transaction has called its block") }
            return value
        }
    }

    static func job(_ id: UInt64, _ kind: String = "echo", _ fill: (inout StoredJob) -> Void = { _ in }) -> StoredJob {
        let job = Job(
            id: String(id), job: kind, state: .queued, arguments: nil, attempt: 0, maxAttempts: 1, context: "shared",
            group: kind, priority: 0, labels: [:], ownerUID: 1000, submittedAt: Workshop.noon)
        var stored = StoredJob(id: JobID(id), job: job, readyAt: Workshop.noon)
        fill(&stored)
        return stored
    }

    func add(_ id: UInt64, _ kind: String = "echo", _ fill: (inout StoredJob) -> Void = { _ in }) throws {
        try write { _ = try $0.insert([Self.job(id, kind, fill)]) }
    }

    @discardableResult
    func start(_ id: UInt64, attempt: Int = 1) throws -> JobPayload? {
        try write { try $0.start(JobID(id), attempt: attempt, at: now) }
    }

    func end(
        _ id: UInt64, _ state: JobState = .succeeded, attempt: Int = 1, _ fill: (inout AttemptEnd) -> Void = { _ in }
    )
        throws
    {
        var end = AttemptEnd(id: JobID(id), state: state, attempt: attempt, at: now)
        if state.isFinal { end.finishedAt = now }
        fill(&end)
        try write { try $0.end(end) }
    }

    /// Adds a job that ends at once.
    func addEnded(_ id: UInt64, _ state: JobState = .succeeded, bytes: Int = 0) throws {
        try add(id)
        try start(id)
        try end(id, state) { $0.bytes = bytes }
    }

    /// Forgets what is too much, and says in how many steps.
    func sweep() throws -> Int {
        var steps = 1
        while try sweepOnce() { steps += 1 }
        return steps
    }

    /// Forgets some of what is too much, and says whether there is more.
    func sweepOnce() throws -> Bool {
        let next = try write { try $0.sweep(at: now) }
        return next.map { $0 < now } ?? false
    }

    // MARK: Reading

    func read<Value>(_ body: (StoreReader) throws -> Value) throws -> Value {
        try engine.writeNow { try body(StoreReader(database: $0.database)) }
    }

    func find(_ id: UInt64) throws -> Job? { try read { try $0.find(JobID(id)) } }

    func events(_ id: UInt64, from sequence: Int = 1) throws -> StoreReader.Events? {
        try read { try $0.events(of: JobID(id), from: sequence) }
    }

    func states(_ id: UInt64) throws -> [JobState] { try events(id)?.events.compactMap(\.state) ?? [] }

    /// As `List` has it.
    func page(_ filter: JobFilter, limit: Int) throws -> JobPage {
        var page = JobPage()
        repeat { page = try read { try $0.extend(page, filter, limit: limit) } } while page.cut != nil
        return page
    }

    func ids(_ filter: JobFilter = JobFilter(), limit: Int = 1000) throws -> [UInt64] {
        try page(filter, limit: limit).jobs.compactMap { UInt64($0.id) }
    }

    func count(_ table: String) throws -> Int {
        try engine.writeNow { try $0.row("SELECT count(*) FROM \(table)", [])?.value(0) ?? 0 }
    }

    /// What another daemon would go on with, in its order.
    func recover(
        _ policies: [String: CrashPolicy] = [:], crashLimit: Int = 3
    ) throws -> [WaitingJob] {
        var jobs: [WaitingJob] = []
        let plan = Recovery(policies: policies, crashLimit: crashLimit)
        try engine.writeNow { try $0.recover(plan, at: now) { jobs.append($0) } }
        return jobs
    }
}
