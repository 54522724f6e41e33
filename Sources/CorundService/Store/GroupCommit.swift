import CorundAPI
import CorundLoop
import GRDB
import Logging

/// Commits what a tick has to write in one transaction, and what comes meanwhile in the next one.
///
/// While the disk cannot be written, requests fail at once, everything else waits, and a try each second finds out
/// when it can be again. Of what running jobs report, only so much waits. It belongs to the loop.
final class GroupCommit: @unchecked Sendable {
    // SAFETY: confined to the loop; what the engine calls on its thread does nothing but hand over.
    private let engine: any StoreEngine
    private let loop: EventLoop
    private let logger: Logger
    private let now: () -> Timestamp
    private var pending: [StoreWrite] = []
    private var details = Details()
    private var lostDetails = 0
    private var isBusy = false
    /// The next try, while nothing can be written.
    private var retry: TimerHandle?
    /// What the disk was asked for, and has not answered yet.
    private var underway: (transaction: StoreTransaction, since: LoopTime)?
    private var isSweeping = false
    private var nextSweep: (timer: TimerHandle, time: Timestamp)?
    /// Told of a job that has not succeeded, and that has been forgotten.
    var onForgottenInVain: (JobID) -> Void = { _ in }
    /// Told when nothing can be written any more.
    var onOutage: () -> Void = {}

    /// Why nothing can be written; nil when all is well.
    private(set) var problem: String?

    /// As ``problem``, also of a disk that does not answer.
    var trouble: String? {
        if let problem { return problem }
        guard let underway else { return nil }
        let silence = loop.now.duration(since: underway.since)
        return silence < Self.longestSilence
            ? nil : "the disk has not answered for \(silence.components.seconds) seconds"
    }

    private static let longestSilence = Duration.seconds(5)
    private static let pause = Duration.seconds(1)
    /// Between two looks at what has become too old while nothing else happens.
    private static let shortestSweepPause = Duration.seconds(60)

    init(engine: any StoreEngine, loop: EventLoop, logger: Logger, now: @escaping () -> Timestamp) {
        self.engine = engine
        self.loop = loop
        self.logger = logger
        self.now = now
    }

    /// - Returns: whether it will be written, unless it fails.
    @discardableResult
    func add(_ write: StoreWrite) -> Bool {
        guard admits(write) else { return false }
        pending.append(write)
        if write.importance == .lastWord { endPause() }
        commitSoon()
        return true
    }

    private func admits(_ write: StoreWrite) -> Bool {
        switch write.importance {
        case .state, .lastWord: return true
        case .request:
            guard let problem else { return true }
            write.fail(JobsError.storageUnavailable(message: problem))
            return false
        case .detail:
            let isLost = details.areTooMany
            if isLost { lostDetails += 1 } else { details.count(write) }
            return !isLost
        }
    }

    /// Details that wait for the disk, which may be away, or slow.
    private struct Details {
        private var number = 0
        private var bytes = 0

        private static let most = 100_000
        private static let mostBytes = 64 << 20

        var areTooMany: Bool { number >= Self.most || bytes >= Self.mostBytes }

        mutating func count(_ write: StoreWrite) {
            number += 1
            bytes += write.size
        }
    }

    /// How many writes that nobody is answered for wait for the disk, or are on their way to it.
    var unrecordedCount: Int { ((underway?.transaction.writes ?? []) + pending).count(where: \.importance.waits) }

    private func commitSoon() {
        guard !isBusy else { return }
        isBusy = true
        _ = try? loop.callSoon { [unowned self] in commit() }
    }

    private func endPause() {
        guard let retry else { return }
        retry.cancel()
        self.retry = nil
        isBusy = false
    }

    private func commit() {
        let transaction = StoreTransaction(pending, isProbe: problem != nil, now: now())
        pending = []
        details = Details()
        underway = (transaction, since: loop.now)
        engine.write {
            transaction.run($0)
        } then: { [self] in
            // SAFETY: the memory engine calls this on the loop, the file's on its thread, from where it is handed over.
            if loop.isOnItsThread { return didEnd(transaction) }
            try? loop.callSoonThreadSafe { [self] in didEnd(transaction) }
        }
    }

    private func didEnd(_ transaction: StoreTransaction) {
        isBusy = false
        underway = nil
        switch transaction.outcome {
        case .committed(let sweepTime, let forgottenInVain):
            if problem != nil { logger.notice("jobs can be recorded again") }
            problem = nil
            reportLostDetails()
            for write in transaction.writes { write.succeed() }
            for id in forgottenInVain { onForgottenInVain(id) }
            if !pending.isEmpty { commitSoon() } else { sweep(after: sweepTime) }
        case .failed(let reason): didFail(transaction.writes, reason)
        }
    }

    private func didFail(_ writes: [StoreWrite], _ reason: String) {
        let isNew = problem == nil
        if problem != reason { logger.error("jobs cannot be recorded: \(reason); trying again each second") }
        problem = reason
        let (refused, kept) = (writes + pending).divided { !$0.importance.waits }
        pending = kept
        details = Details()
        for write in kept where write.importance == .detail { details.count(write) }
        isBusy = true
        retry = try? loop.callLater(Self.pause) { [unowned self] in
            retry = nil
            commit()
        }
        for write in refused { write.fail(JobsError.storageUnavailable(message: reason)) }
        if isNew { onOutage() }
    }

    private func reportLostDetails() {
        guard lostDetails > 0 else { return }
        let pieces = lostDetails.counting(
            "piece of progress and output was lost", "pieces of progress and output were lost")
        logger.warning("\(pieces) while the disk could not be written")
        lostDetails = 0
    }

    /// What to tell people of an error of the database.
    static func reason(for error: any Error) -> String {
        switch error {
        case let error as DatabaseError: error.reason
        case is RowDecodingError: "it is damaged: a row has values that it cannot have"
        default: "\(error)"
        }
    }

    // MARK: What becomes too old

    /// Forgets what is too old, from now on also while nothing else is written.
    func beginSweeping() {
        isSweeping = true
        commitSoon()
    }

    /// Commits again when something will be too old: one timer, and none when nothing has ended.
    private func sweep(after time: Timestamp?) {
        guard let time else { return }
        let wait = Duration.microseconds(time.microseconds + 1 - now().microseconds)
        guard wait > .zero else { return commitSoon() }
        if let nextSweep, nextSweep.time <= time { return }
        guard isSweeping else { return }
        nextSweep?.timer.cancel()
        let timer = try? loop.callLater(max(wait, Self.shortestSweepPause)) { [unowned self] in
            nextSweep = nil
            commitSoon()
        }
        nextSweep = timer.map { ($0, time) }
    }
}

/// The writes of one commit.
private final class StoreTransaction: @unchecked Sendable {
    // SAFETY: the loop hands it to the writer, which hands it back.
    let writes: [StoreWrite]
    private let isProbe: Bool
    private let now: Timestamp
    private(set) var outcome = Outcome.failed(reason: "it was not tried")

    enum Outcome {
        /// After then there is something to forget again.
        case committed(sweepTime: Timestamp?, forgottenInVain: [JobID])
        case failed(reason: String)
    }

    init(_ writes: [StoreWrite], isProbe: Bool, now: Timestamp) {
        self.writes = writes
        self.isProbe = isProbe
        self.now = now
    }

    func run(_ writer: StoreWriter) {
        do {
            var sweepTime: Timestamp?
            try writer.inTransaction {
                // A transaction that writes nothing does not tell whether the disk can be written.
                if isProbe { try writer.set("probed_at", to: now.description) }
                for write in writes { try write.perform(writer) }
                sweepTime = try writer.sweep(at: now)
            }
            outcome = .committed(sweepTime: sweepTime, forgottenInVain: writer.forgottenInVain)
        } catch {
            writer.ended = nil
            outcome = .failed(reason: GroupCommit.reason(for: error))
        }
    }
}

extension Error {
    /// Whether it says that something is not to be, before anything was written.
    var isRefusal: Bool { self is JobsError || self is KeyConflict }
}

extension Array {
    /// The elements that are so, and the others, each in their order.
    fileprivate func divided(_ isSo: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(isSo), filter { !isSo($0) })
    }
}
