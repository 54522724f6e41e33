import CorundAPI
import CorundLoop
import GRDB
import Testing

@testable import CorundService

/// What several do at once to one job, while the disk takes its time.
struct StoreRaceTests {
    /// Begins `body`, and lets it come as far as it can.
    private static func begin<Value: Sendable>(
        _ shop: Workshop, _ body: @escaping (Workshop) async throws -> Value
    ) async throws -> LoopTask<Value> {
        nonisolated(unsafe) let (shop, body) = (shop, body)
        let task = try shop.loop.spawn { try await body(shop) }
        for _ in 0..<5 { await Task.yield() }
        return task
    }

    private static func failed(_ shop: Workshop) async throws -> JobRecord {
        let record = try await shop.submit("fail")
        try await shop.end(of: record)
        return record
    }

    // MARK: Waiting

    @Test func whoeverLooksJustBeforeACommitIsWokenByIt() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.isHeld = true
            try await shop.loop.sleep(for: .seconds(2))
            let waiter = try await Self.begin(shop) { try await $0.end(of: record).state }
            disk.isHeld = false
            #expect(try await waiter.value == .succeeded)
            #expect(shop.seconds == 2)
        }
    }

    /// The last thing that happens before the end is not taken for something that never will.
    @Test func whoeverLooksWhileTheDaemonEndsIsToldOfTheJobsEndAndNotOfTheDaemons() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.isReadHeld = true
            let waiter = try await Self.begin(shop) { try await $0.end(of: record).state }
            let canceller = try await Self.begin(shop) { shop in
                try await shop.board.cancel(
                    record.id, reason: nil, until: shop.loop.now + .seconds(9), for: Workshop.principal
                ).state
            }
            await shop.settle()
            #expect(record.job.state == .cancelled)
            let close = try await Self.begin(shop) { await $0.board.close(within: .seconds(1)) }
            disk.isReadHeld = false
            #expect(try await waiter.value == .cancelled)
            #expect(try await canceller.value == .cancelled)
            try await close.value
        }
    }

    @Test func nobodySeesWhatIsNotCommitted() throws {
        try Workshop.runOnTrial { shop, disk in
            disk.isHeld = true
            let submission = try await Self.begin(shop) { try await $0.submit("echo").id }
            await #expect(throws: JobsError.noSuchJob(id: "1")) {
                try await shop.board.job(JobID(1), for: Workshop.principal)
            }
            #expect(shop.statistics.total(.running) == 0)
            disk.isHeld = false
            try await shop.end(of: try shop.record(submission.value.description))
        }
    }

    // MARK: Submitting

    @Test func theSameKeyTwiceAtOnceIsOneJob() throws {
        try Workshop.runOnTrial { shop, disk in
            disk.isHeld = true
            let tasks = [
                try await Self.begin(shop) { try await $0.submit("echo") { $0.key = "k" }.id },
                try await Self.begin(shop) { try await $0.submit("echo") { $0.key = "k" }.id },
            ]
            disk.isHeld = false
            let ids = [try await tasks[0].value, try await tasks[1].value]
            #expect(ids[0] == ids[1])
            try await shop.end(of: try shop.record(ids[0].description))
            #expect(shop.statistics.total(.succeeded) == 1)
        }
    }

    @Test func whatIsBeingRecordedTakesRoom() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (1, 1)
        try Workshop.runOnTrial(options) { shop, disk in
            let failed = try await Self.failed(shop)
            disk.isHeld = true
            let first = try await Self.begin(shop) { try await $0.work("a").id }
            let second = try await Self.begin(shop) { try await $0.board.retry(failed.id, for: Workshop.principal) }
            let full = JobsError.queueFull(limit: 1, retryAfterMilliseconds: 500)
            await #expect(throws: full) { _ = try await shop.work("b") }
            await #expect(throws: full) { try await shop.board.retry(failed.id, for: Workshop.principal) }
            disk.isHeld = false
            try await shop.end(of: try shop.record(first.value.description))
            try await second.value
            try await shop.end(of: failed)
        }
    }

    @Test func aSubmissionThatIsAnsweredWhileTheDaemonEndsIsLeftToTheNextOne() throws {
        try Workshop.runOnTrial { shop, disk in
            disk.isHeld = true
            let submission = try await Self.begin(shop) { try await $0.submit("echo").id }
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            disk.isHeld = false
            let record = try shop.record(try await submission.value.description)
            await shop.settle()
            #expect(record.job.state == .queued)
            #expect(try Shelf(disk).recover(["echo": .fail]).map(\.id) == [record.id])
            let wait = try await Self.begin(shop) { try await $0.end(of: record).state }
            await shop.board.close(within: .seconds(1))
            await #expect(throws: JobsError.draining) { try await wait.value }
        }
    }

    @Test func aJobThatFailsWhileTheDaemonEndsIsTriedAgainByTheNextOne() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.submit("stumble", #"{"name":"","seconds":1}"#) { $0.maxAttempts = 2 }
            try await shop.wait(for: record) { $0.state == .running }
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            try await shop.wait(for: record) { $0.state == .scheduled }
            await shop.settle()
            let job = record.job
            #expect((job.state, job.attempt, job.finishedAt) == (.scheduled, 1, nil))
            #expect(job.attempts?.map(\.failure?.kind) == ["Stumbled"])
            #expect(try #require(try Shelf(disk).recover(["stumble": .fail]).first?.notBefore) > Workshop.noon)
        }
    }

    /// A job that is recorded, and whose start is on its way to a disk that is held.
    private static func startOnItsWay(_ shop: Workshop, _ disk: TrialEngine) async throws -> JobRecord {
        disk.isHeld = true
        let submission = try await begin(shop) { try await $0.work("a").id }
        disk.isHeld = false
        disk.isHeld = true
        let record = try shop.record(try await submission.value.description)
        for _ in 0..<5 { await Task.yield() }
        return record
    }

    @Test func aJobWhoseStartIsBeingRecordedWhenTheDaemonEndsHasNotBegun() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await Self.startOnItsWay(shop, disk)
            #expect(shop.scheduler.runningCount == 1)
            shop.scheduler.drain()
            shop.scheduler.interruptRunning()
            disk.isHeld = false
            await shop.settle()
            #expect(shop.journal.lines.isEmpty)
            let waiting = try Shelf(disk).recover(["work": .fail])
            #expect(waiting.map(\.id) == [record.id], "it was taken for one that must not run twice")
            #expect((waiting[0].attempt, record.job.attempts) == (0, nil))
        }
    }

    // MARK: Cancelling

    @Test func aJobThatIsCancelledWhileItsStartIsBeingRecordedNeverRuns() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await Self.startOnItsWay(shop, disk)
            let cancel = try await Self.begin(shop) { shop in
                try await shop.board.cancel(
                    record.id, reason: "no", until: shop.loop.now + .seconds(5), for: Workshop.principal
                ).state
            }
            disk.isHeld = false
            #expect(try await cancel.value == .cancelled)
            #expect(shop.journal.lines.isEmpty)
            #expect((record.job.attempt, record.job.failure?.message) == (0, "no"))
            #expect(record.events.compactMap(\.state) == [.queued, .running, .cancelled])
            #expect(shop.scheduler.runningCount == 0)
        }
    }

    @Test func aCancellationThatIsOnlyBeingRecordedIsNotStuck() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.submit("echo") { $0.delayMilliseconds = 1_000_000 }
            disk.isHeld = true
            let cancel = try await Self.begin(shop) { shop in
                try await shop.board.cancel(record.id, reason: nil, until: shop.loop.now, for: Workshop.principal).state
            }
            try await shop.loop.sleep(for: .seconds(1))
            disk.isHeld = false
            #expect(try await cancel.value == .cancelled)
        }
    }

    @Test func aJobThatIsCancelledWhileItsRetryIsBeingRecordedDoesNotRun() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1) { $0.timeoutMilliseconds = 500 }
            try await shop.end(of: record)
            disk.isHeld = true
            let retry = try await Self.begin(shop) { try await $0.board.retry(record.id, for: Workshop.principal) }
            disk.isHeld = false  // recorded, but not yet admitted
            #expect(shop.board.execution(of: record.id) == nil)
            let result = try await shop.board.cancel(
                record.id, reason: nil, until: shop.loop.now + .seconds(5), for: Workshop.principal)
            #expect((result.state, result.stuck) == (.cancelled, false))
            try await retry.value
            #expect(shop.journal.lines == ["+a", "-a"])
        }
    }

    @Test func cancellingDuringAnOutageSaysSo() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.submit("echo") { $0.delayMilliseconds = 1_000_000 }
            disk.failure = .SQLITE_FULL
            await #expect(throws: JobsError.storageUnavailable(message: "the disk is full")) {
                try await shop.board.cancel(
                    record.id, reason: nil, until: shop.loop.now + .seconds(5), for: Workshop.principal)
            }
            #expect(shop.seconds == 5)
            disk.failure = nil
            #expect(try await shop.end(of: record).state == .cancelled)
        }
    }

    // MARK: Retry and Remove

    /// The grace is over before the disk says that it is broken.
    @Test func cancellingAsADiskBreaksSaysSo() throws {
        try Workshop.runOnTrial { shop, disk in
            shop.scheduler.pause(nil)
            let record = try await shop.work("a")
            await shop.settle()
            disk.isHeld = true
            let canceller = try await Self.begin(shop) { shop in
                try await shop.board.cancel(record.id, reason: nil, until: shop.loop.now, for: Workshop.principal)
            }
            try await shop.loop.sleep(for: .seconds(30))
            disk.failure = .SQLITE_FULL
            disk.isHeld = false
            let time = shop.seconds
            await #expect(throws: JobsError.storageUnavailable(message: "the disk is full")) {
                _ = try await canceller.value
            }
            #expect(shop.seconds == time)
            disk.failure = nil
        }
    }

    @Test func ofTwoRetriesAtOnceOneIsRefused() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await Self.failed(shop)
            disk.isHeld = true
            let tasks = [
                try await Self.begin(shop) { try await $0.board.retry(record.id, for: Workshop.principal) },
                try await Self.begin(shop) { try await $0.board.retry(record.id, for: Workshop.principal) },
            ]
            disk.isHeld = false
            try await tasks[0].value
            await #expect(throws: JobsError.invalidState(id: "1", state: .queued)) { try await tasks[1].value }
            let job = try await shop.end(of: record)
            #expect((job.attempt, job.attempts?.count) == (2, 1))
        }
    }

    @Test(arguments: [true, false])
    func ofRetryAndRemoveAtOnceTheFirstOneCounts(retryFirst: Bool) throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await Self.failed(shop)
            disk.isHeld = true
            let retry = { (shop: Workshop) in try await shop.board.retry(record.id, for: Workshop.principal) }
            let remove = { (shop: Workshop) in
                let removed = try await shop.store.remove([record.id])
                #expect(removed == 1)
            }
            let first = try await Self.begin(shop, retryFirst ? retry : remove)
            let second = try await Self.begin(shop, retryFirst ? remove : retry)
            disk.isHeld = false
            try await first.value
            let error: JobsError =
                retryFirst ? .invalidState(id: "1", state: .queued) : .noSuchJob(id: "1")
            await #expect(throws: error) { try await second.value }
            if retryFirst { try await shop.end(of: record) } else { #expect(record.isForgotten) }
            #expect(try Shelf(disk).count("events") == (retryFirst ? 6 : 0))
        }
    }

    @Test func eventsOfARetriedJobGoOnCounting() throws {
        try Workshop.runOnTrial { shop, _ in
            let record = try await Self.failed(shop)
            try await shop.board.retry(record.id, for: Workshop.principal)
            try await shop.end(of: record)
            #expect(record.events.map(\.sequence) == Array(1...6))
            #expect(record.events.compactMap(\.state) == [.queued, .running, .failed, .queued, .running, .failed])
        }
    }

    /// Without a bound of its own, each `Retry` could add as much as one attempt may say.
    @Test func eventsOfAJobThatIsRetriedAgainAndAgainAreBounded() throws {
        try Workshop.runOnTrial { shop, _ in
            let record = try await shop.submit("chatter", #"{"name":"","seconds":6000}"#) { $0.timeoutMilliseconds = 1 }
            try await shop.end(of: record)
            for _ in 0..<5 {
                try Shelf(shop.engine).write { writer in
                    try writer.run("UPDATE jobs SET state = 'failed' WHERE id = 1", [])
                }
                try await shop.board.retry(record.id, for: Workshop.principal)
                try await shop.end(of: record)
            }
            #expect(record.events.count <= EventBudget.mostEvents * 3 / 2)
            #expect(record.events.compactMap(\.state).count == 18)
        }
    }

    // MARK: Odd values

    @Test func oddTextIsKeptByteForByteOrRefused() throws {
        try Workshop.run { shop in
            for name in ["a\u{0}b", "\u{0}"] {
                for fill in [{ $0.key = name }, { $0.group = name }, { $0.context = name }]
                    as [(inout Submission) -> Void]
                {
                    await #expect(throws: (any Error).self) { _ = try await shop.submit("echo", "{}", fill) }
                }
            }
            let odd = String(decoding: (1...UInt8.max).filter { $0 != UInt8(ascii: "=") }, as: UTF8.self) + "\u{1F600}"
            let long = String(repeating: "\u{10FFFF}", count: 256)
            let record = try await shop.submit("echo", #"{"\u0000":"\u0000\ud83d\ude00"}"#) {
                ($0.key, $0.group, $0.context) = (long, odd, odd)
                $0.labels = [odd: "\u{0}", "\u{0}": odd, "a": ""]
            }
            let job = try await shop.end(of: record)
            #expect(job.key.map { Array($0.utf8) } == Array(long.utf8))
            #expect([job.group, job.context].map { Array($0.utf8) } == [Array(odd.utf8), Array(odd.utf8)])
            #expect(job.labels.count == 3 && job.labels[odd] == "\u{0}" && job.labels["\u{0}"] == odd)
            #expect(job.result?.description == #"{"\u0000":"\u0000\ud83d\ude00"}"#)
        }
    }

    @Test func theFurthestTimesAndPrioritiesComeBack() throws {
        try Workshop.run { shop in
            let late = try await shop.submit("echo") { ($0.notBefore, $0.priority) = (.latest, 100) }
            let later = try await shop.submit("echo") { ($0.delayMilliseconds, $0.priority) = (.max, -100) }
            let past = try await shop.submit("echo") { $0.notBefore = Timestamp("0000-01-01T00:00:00Z") }
            #expect(try await shop.end(of: past).notBefore == Timestamp("0000-01-01T00:00:00Z"))
            for (record, priority) in [(late, 100), (later, -100)] {
                #expect((record.job.state, record.job.notBefore) == (.scheduled, .latest))
                #expect(record.job.priority == priority)
            }
            let waiting = try Shelf(shop.engine).recover()
            #expect(waiting.map(\.notBefore) == [.latest, .latest])
            for record in [late, later] { try await shop.cancel(record) }
        }
    }
}
