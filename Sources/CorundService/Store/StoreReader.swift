import CorundAPI
import GRDB
import Varlink

/// Reads jobs from a database.
struct StoreReader {
    let database: Database

    // MARK: One job

    /// The job; nil when there is none, or none of `owner`, whose jobs alone there are then.
    func find(_ id: JobID, of owner: UInt32? = nil) throws -> Job? {
        let statement = try database.cachedStatement(
            sql: "SELECT \(Job.columns) FROM jobs WHERE id = ? AND \(Self.isOwners)")
        guard let row = try Row.fetchOne(statement, arguments: [id, owner]) else { return nil }
        var job = try Job(row)
        job.attempts = try attempts(of: id)
        return job
    }

    /// A condition on the job's owner, with one argument: a user, or null for any.
    private static let isOwners = "owner_uid = ifnull(?, owner_uid)"

    private func attempts(of id: JobID) throws -> [Attempt]? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT attempt, state, failure, started_at, finished_at FROM attempts WHERE job = ? ORDER BY started_at
                """)
        let attempts = try Row.fetchAll(statement, arguments: [id]).map { row in
            Attempt(
                attempt: try row.value(0), state: try row.state(1), failure: try row.decoded(2),
                startedAt: try row.time(3), finishedAt: try row.time(4))
        }
        return attempts.isEmpty ? nil : attempts
    }

    /// The states of the jobs that there are.
    func states(of ids: [JobID]) throws -> [JobID: JobState] {
        let statement = try database.cachedStatement(sql: "SELECT state FROM jobs WHERE id = ?")
        return try ids.reduce(into: [:]) { states, id in
            states[id] = try Row.fetchOne(statement, arguments: [id])?.state(0)
        }
    }

    /// The users whose jobs the jobs are that there are.
    func owners(of ids: [JobID]) throws -> [JobID: UInt32] {
        let statement = try database.cachedStatement(sql: "SELECT owner_uid FROM jobs WHERE id = ?")
        return try ids.reduce(into: [:]) { owners, id in
            owners[id] = try UInt32.fetchOne(statement, arguments: [id])
        }
    }

    /// Whether each of the keys is that of a job of the user.
    func knows(_ keys: [String], of owner: UInt32) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM jobs WHERE owner_uid = ? AND job_key = ?")
        return try keys.allSatisfy { try Row.fetchOne(statement, arguments: [owner, $0]) != nil }
    }

    // MARK: Events

    /// Some events of a job, and whether it has ended.
    struct Events: Sendable, Equatable {
        var events: [Event]
        var hasEnded: Bool
        /// The number of the job's last state.
        var lastState: Int
    }

    /// Bytes of events after which a page is full.
    private static let pageSize = 1 << 18
    private static let mostEvents = 1000

    /// The next events of a job from the number `sequence`, counted from 1, on; nil when there is no such job, or none of
    /// `owner`.
    func events(of id: JobID, from sequence: Int, of owner: UInt32? = nil) throws -> Events? {
        let job = try database.cachedStatement(
            sql: "SELECT finished_at IS NOT NULL FROM jobs WHERE id = ? AND \(Self.isOwners)")
        guard let hasEnded = try Bool.fetchOne(job, arguments: [id, owner]) else { return nil }
        var page = Events(events: [], hasEnded: hasEnded, lastState: try lastState(of: id))
        var bytes = 0
        let statement = try database.cachedStatement(
            sql: """
                SELECT sequence, at, type, number, text, bytes FROM events WHERE job = ? AND sequence >= ? \
                ORDER BY sequence LIMIT \(Self.mostEvents)
                """)
        let rows = try Row.fetchCursor(statement, arguments: [id, sequence])
        while bytes < Self.pageSize, let row = try rows.next() {
            guard let stored = try StoredEvent(row) else { continue }
            var event = Event(id: id.description, sequence: try row.value(0), at: try row.time(1))
            stored.fill(&event)
            bytes += stored.size
            page.events.append(event)
        }
        return page
    }

    private func lastState(of id: JobID) throws -> Int {
        let statement = try database.cachedStatement(
            sql: "SELECT sequence FROM events WHERE job = ? AND type = 0 ORDER BY sequence DESC LIMIT 1")
        return try Int.fetchOne(statement, arguments: [id]) ?? 0
    }

    // MARK: Lists

    /// Bytes of jobs after which a page is full: it must fit into a reply.
    private static let mostBytes = 1 << 20
    /// Rows that are looked at in one go: a label that few jobs have must not keep others from reading.
    static let mostRows = 1000

    /// Goes on with `page`: adds the youngest jobs that the filter lets through, of `owner` or of everybody, youngest first,
    /// until there are `limit` or as many bytes as a page may have.
    ///
    /// - Parameters:
    ///   - page: as it is so far, see ``JobPage/cut``.
    ///   - filter: the same one each time.
    ///   - limit: how many jobs the page is to have in all.
    ///   - owner: whose jobs; nil: everybody's.
    /// - Returns: the page, to go on with while it is cut.
    /// - Throws: what the database throws.
    func extend(_ page: JobPage, _ filter: JobFilter, limit: Int, of owner: UInt32? = nil) throws -> JobPage {
        var page = page
        var query = JobQuery(filter, of: owner, before: page.cut)
        query.limit = filter.label == nil ? limit + 1 : Self.mostRows + 1
        page.cut = nil
        var last: (id: JobID, count: Int)?
        let rows = try Row.fetchCursor(database, sql: query.sql, arguments: query.arguments)
        while let row = try rows.next() {
            if filter.label != nil, let last, last.count == Self.mostRows {
                page.cut = last.id
                break
            }
            last = (try row.id(0), (last?.count ?? 0) + 1)
            guard filter.admitsLabels(try row.decoded(Job.labelsColumn) ?? [:]) else { continue }
            guard page.jobs.count < limit, page.bytes < Self.mostBytes else {
                page.hasMore = true
                break
            }
            page.add(try Job(row))
        }
        return page
    }
}

/// A page of a list of jobs, while it is filled.
struct JobPage: Sendable {
    private(set) var jobs: [Job] = []
    fileprivate var bytes = 0
    /// Whether there are jobs for another page.
    fileprivate(set) var hasMore = false
    /// The last job that was looked at, when others have not been: ``StoreReader/extend(_:_:limit:of:)`` goes on there.
    fileprivate(set) var cut: JobID?

    fileprivate mutating func add(_ job: Job) {
        jobs.append(job)
        bytes += job.size
    }
}

/// A filter as a query.
private struct JobQuery {
    private var conditions: [String] = []
    private(set) var arguments = StatementArguments()
    var limit: Int?

    init(_ filter: JobFilter, of owner: UInt32?, before: JobID?) {
        if let owner { add("owner_uid = ?", [owner]) }
        if let before = before ?? filter.before.flatMap({ JobID($0) }) {
            add("id < ?", [Int64(clamping: before.number)])
        }
        if let job = filter.job { add("kind = ?", [job]) }
        if let group = filter.group { add("job_group = ?", [group]) }
        if let states = filter.states {
            let marks = states.map { _ in "?" }.joined(separator: ", ")
            add("state IN (\(marks))", StatementArguments(states.map(\.rawValue)))
        }
    }

    private mutating func add(_ condition: String, _ values: StatementArguments) {
        conditions.append(condition)
        arguments += values
    }

    var sql: String {
        let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return "SELECT \(Job.columns) FROM jobs\(condition) ORDER BY id DESC" + (limit.map { " LIMIT \($0)" } ?? "")
    }
}

extension JobFilter {
    fileprivate func admitsLabels(_ labels: [String: String]) -> Bool {
        guard let label else { return true }
        guard let equals = label.firstIndex(of: "=") else { return labels[label] != nil }
        return labels[String(label[..<equals])] == String(label[label.index(after: equals)...])
    }
}

extension Job {
    /// Which of the columns below has the labels.
    fileprivate static let labelsColumn = 12
    fileprivate static let columns = """
        id, kind, state, arguments, result, failure, attempt, max_attempts, job_key, context, job_group, priority, labels, \
        owner_uid, progress, progress_note, submitted_at, not_before, started_at, finished_at, predecessors
        """

    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0).description, job: try row.value(1), state: try row.state(2), arguments: try row.json(3),
            attempt: try row.value(6), maxAttempts: try row.value(7), context: try row.value(9),
            group: try row.value(10), priority: try row.value(11), labels: try row.decoded(Self.labelsColumn) ?? [:],
            ownerUID: try row.value(13), submittedAt: try row.time(16))
        result = try row.json(4)
        failure = try row.decoded(5)
        key = try row.value(8)
        (progress, progressNote) = (try row.value(14), try row.value(15))
        (notBefore, startedAt, finishedAt) = (try row.timestamp(17), try row.timestamp(18), try row.timestamp(19))
        after = try row.decoded(20)
    }

    /// Bytes that it takes in a reply, roughly: all that submitters and handlers can make long.
    fileprivate var size: Int {
        let json = (arguments?.bytes.count ?? 0) + (result?.bytes.count ?? 0)
        let texts = [key, context, group, progressNote, failure?.message].compactMap(\.self)
        return json + Self.size(of: texts) + Self.size(of: after ?? []) + Self.size(of: labels.keys)
            + Self.size(of: labels.values)
    }

    private static func size(of texts: some Sequence<String>) -> Int {
        texts.reduce(0) { $0 + $1.utf8.count }
    }
}

extension WaitingJob {
    static let columns = """
        id, kind, state, job_group, priority, attempt, max_attempts, crashes, durable, timeout_ms, ready_at, not_before, \
        is_delay, predecessors, owner_uid
        """

    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), kind: try row.value(1), state: try row.state(2), group: try row.value(3),
            priority: try row.value(4), attempt: try row.value(5), maxAttempts: try row.value(6),
            crashes: try row.value(7), isDurable: try row.value(8), timeoutMilliseconds: try row.value(9),
            readyAt: try row.time(10), notBefore: try row.timestamp(11), isDelay: try row.value(12),
            owner: UInt32(truncatingIfNeeded: try row.value(14, as: Int.self)),
            predecessors: (try row.decoded(13, as: [String].self) ?? []).compactMap { JobID($0) })
    }
}

extension StoredEvent {
    fileprivate init?(_ row: Row) throws {
        guard let kind = Kind(rawValue: try row.value(2)) else { return nil }
        self.init(kind: kind, number: try row.value(3), text: try row.value(4), bytes: try row.bytes(5))
    }
}
