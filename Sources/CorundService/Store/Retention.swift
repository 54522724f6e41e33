import CorundAPI
import GRDB

/// How much of what has ended is kept.
///
/// Pure.
struct Retention: Sendable, Equatable {
    /// Ended jobs.
    var jobs: Int
    /// Microseconds since their end.
    var age: Int64
    /// Bytes that they take, roughly.
    var bytes: Int

    init(jobs: Int, age: Int64, bytes: Int) {
        (self.jobs, self.age, self.bytes) = (jobs, age, bytes)
    }

    init(_ configuration: Configuration) {
        self.init(
            jobs: configuration.retainedJobs, age: configuration.retention.clampedNanoseconds / 1000,
            bytes: configuration.retainedBytes)
    }

    /// What there is.
    struct Stock: Sendable, Equatable {
        var jobs: Int
        var bytes: Int

        mutating func add(bytes: Int) {
            jobs += 1
            self.bytes += bytes
        }

        mutating func remove(bytes: Int) {
            jobs -= 1
            self.bytes -= bytes
        }
    }

    /// Microseconds for which the end of a job can be seen in any case: somebody may be about to look.
    static let shortestAge: Int64 = 5_000_000

    /// Until when the oldest of the jobs that have ended is kept, if nothing else happens.
    func expiry(of oldest: Timestamp, in stock: Stock) -> Timestamp {
        let isTooMuch = stock.jobs > jobs || stock.bytes > bytes
        let kept = isTooMuch ? Self.shortestAge : max(Self.shortestAge, age)
        let (end, isFar) = oldest.microseconds.addingReportingOverflow(kept)
        return isFar ? .latest : Timestamp(microseconds: end)
    }
}

extension StoreWriter {
    /// Jobs forgotten at once, and bytes after which it is enough, so that no commit takes long.
    static let forgottenAtOnce = 200
    private static let bytesForgottenAtOnce = 32 << 20

    /// Forgets the oldest ended jobs, as far as there is too much of them.
    ///
    /// - Returns: after when there is something to forget again, if nothing else happens: before `now` when this was not
    ///   all of it; nil when nothing is left that has ended.
    func sweep(at now: Timestamp) throws -> Timestamp? {
        let stock = try ended ?? count()
        ended = stock
        guard stock.jobs > 0, let first = try oldestEnded(1).first else { return nil }
        let expiry = retention.expiry(of: try first.time(1), in: stock)
        guard expiry < now else { return expiry }
        try keepLastID(try lastID())
        return try forgetOldest(of: stock, at: now)
    }

    private func forgetOldest(of stock: Retention.Stock, at now: Timestamp) throws -> Timestamp? {
        var rest = stock
        for (count, row) in try oldestEnded(Self.forgottenAtOnce + 1).enumerated() {
            let expiry = retention.expiry(of: try row.time(1), in: rest)
            let isEnough = count == Self.forgottenAtOnce || stock.bytes - rest.bytes >= Self.bytesForgottenAtOnce
            guard expiry < now, !isEnough else { return expiry }
            _ = try forget(try row.id(0))
            rest = ended ?? rest
        }
        return nil
    }

    private func oldestEnded(_ count: Int) throws -> [Row] {
        try rows(
            "SELECT id, finished_at FROM jobs WHERE finished_at IS NOT NULL ORDER BY finished_at, id LIMIT ?", [count])
    }

    private func count() throws -> Retention.Stock {
        let sql = "SELECT count(*), coalesce(sum(bytes), 0) FROM jobs WHERE finished_at IS NOT NULL"
        guard let row = try row(sql, []) else { return Retention.Stock(jobs: 0, bytes: 0) }
        return Retention.Stock(jobs: try row.value(0), bytes: try row.value(1))
    }
}
