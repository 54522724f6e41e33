import CorundAPI
import CorundLoop
import DequeModule

/// Keeps jobs for as long as the daemon lives: live ones always, ended ones up to a number and an age.
final class MemoryJobStore: JobStore {
    private struct Ended {
        let id: JobID
        let at: LoopTime
    }

    private let retainedJobs: Int
    private let retention: Duration
    private let now: () -> LoopTime
    private var records: [JobID: JobRecord] = [:]
    /// The records' ids in ascending order, and some that are forgotten: pages are read off its end.
    private var order: [JobID] = []
    private var keys: [String: JobID] = [:]
    private var ended = Deque<Ended>()
    private var lastID: UInt64 = 0

    init(retainedJobs: Int, retention: Duration, now: @escaping () -> LoopTime) {
        self.retainedJobs = retainedJobs
        self.retention = retention
        self.now = now
    }

    var isDurable: Bool { false }

    func nextID() -> JobID {
        lastID += 1
        return JobID(lastID)
    }

    func insert(_ new: [JobRecord]) {
        forgetOld()
        for record in new {
            records[record.id] = record
            order.append(record.id)
            if let key = record.job.key { keys[key] = record.id }
        }
    }

    func save(_ record: JobRecord) {
        guard record.isFinal else { return }
        ended.append(Ended(id: record.id, at: now()))
        forgetOld()
    }

    func find(_ id: JobID) -> JobRecord? {
        forgetOld()
        return records[id]
    }

    func find(key: String) -> JobRecord? {
        forgetOld()
        return keys[key].flatMap { records[$0] }
    }

    func page(_ filter: JobFilter, limit: Int) -> (records: [JobRecord], hasMore: Bool) {
        forgetOld()
        let older = filter.before.flatMap { JobID($0) }.map { order[..<place(of: $0)] } ?? order[...]
        let matching = older.reversed().lazy.compactMap { self.records[$0] }.filter { filter.admits($0.job) }
        let page = Array(matching.prefix(limit + 1))
        return (Array(page.prefix(limit)), page.count > limit)
    }

    /// Where `id` is in the order, or would be.
    private func place(of id: JobID) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A few at each call, so that no call takes long.
    private func forgetOld() {
        var steps = 0
        while let oldest = ended.first, steps < Self.forgottenAtOnce,
            ended.count > retainedJobs || now().duration(since: oldest.at) > retention
        {
            ended.removeFirst()
            steps += 1
            guard let record = records.removeValue(forKey: oldest.id), let key = record.job.key else { continue }
            if keys[key] == oldest.id { keys[key] = nil }
        }
        if order.count > 2 * records.count + Self.forgottenAtOnce { order.removeAll { records[$0] == nil } }
    }

    private static let forgottenAtOnce = 64
}

extension JobFilter {
    /// Whether the filter lets `candidate` through; `limit` and `before` are about the page.
    func admits(_ candidate: Job) -> Bool {
        (states?.contains(candidate.state) ?? true) && (job == nil || job == candidate.job)
            && (group == nil || group == candidate.group) && admitsLabels(candidate.labels)
    }

    private func admitsLabels(_ labels: [String: String]) -> Bool {
        guard let label else { return true }
        guard let equals = label.firstIndex(of: "=") else { return labels[label] != nil }
        return labels[String(label[..<equals])] == String(label[label.index(after: equals)...])
    }
}
