import CorundAPI
import CorundLoop
import GRDB
import Testing

@testable import CorundService

struct GroupCommitTests {
    private static func unavailable(_ message: String) -> JobsError { .storageUnavailable(message: message) }

    /// Begins so many submissions, which are told in `outcomes` when they are answered.
    private static func submit(_ count: Int, to shop: Workshop, _ outcomes: Outcomes) throws {
        nonisolated(unsafe) let shop = shop
        for number in 0..<count {
            try shop.loop.spawn {
                do {
                    try await shop.submit("sleep", #"{"seconds":1000}"#)
                    outcomes.lines.append("\(number)")
                } catch { outcomes.lines.append("\(error)") }
            }
        }
    }

    private final class Outcomes: @unchecked Sendable {
        // SAFETY: confined to the test's loop.
        var lines: [String] = []
    }

    /// Cancels what still waits or runs.
    private static func clear(_ shop: Workshop) async throws {
        for id in try Shelf(shop.engine).ids() {
            let job = try shop.record("\(id)")
            if let execution = shop.board.execution(of: job.id) {
                shop.scheduler.cancel(execution, .request(reason: nil))
            }
            try await shop.end(of: job)
        }
    }

    // MARK: One transaction

    @Test func allThatATickHasToWriteIsOneTransaction() throws {
        try Workshop.runOnTrial { shop, disk in
            let outcomes = Outcomes()
            disk.isHeld = true
            try Self.submit(50, to: shop, outcomes)
            await Task.yield()
            await Task.yield()
            #expect(outcomes.lines.isEmpty, "answered before the commit")
            disk.isHeld = false
            #expect(disk.commits == 1)
            while outcomes.lines.count < 50 { await Task.yield() }
            #expect(outcomes.lines == (0..<50).map(String.init))
            await shop.settle()
            #expect(disk.commits <= 3, "the starts of all are one more, and what is written here is another one")
            try await Self.clear(shop)
        }
    }

    @Test func whatComesDuringACommitIsTheNextOne() throws {
        try Workshop.runOnTrial { shop, disk in
            let outcomes = Outcomes()
            disk.isHeld = true
            for _ in 0..<3 {
                try Self.submit(10, to: shop, outcomes)
                await Task.yield()
                await Task.yield()
            }
            disk.isHeld = false
            while outcomes.lines.count < 30 { await Task.yield() }
            #expect(disk.commits <= 3)
            try await Self.clear(shop)
        }
    }

    @Test func oneThatIsRefusedDoesNotDisturbTheOthers() throws {
        try Workshop.runOnTrial { shop, disk in
            nonisolated(unsafe) let shop = shop
            let tasks = try (0..<4).map { number in
                try shop.loop.spawn {
                    if number == 1 {
                        try await shop.board.store.remove([JobID(1)])
                    } else {
                        try await shop.store.insert([
                            Shelf.job(UInt64(number + 1)) { $0.job.key = number == 3 ? "k" : number == 0 ? "k" : nil }
                        ]).count
                    }
                }
            }
            #expect(try await tasks[0].value == 1)
            await #expect(throws: JobsError.invalidState(id: "1", state: .queued)) { try await tasks[1].value }
            #expect(try await tasks[2].value == 1)
            #expect(try await tasks[3].value == 1)
            #expect(disk.commits == 1)
            #expect(try Shelf(disk).ids() == [3, 1])
        }
    }

    // MARK: A disk that cannot be written

    @Test(arguments: [
        (ResultCode.SQLITE_FULL, "the disk is full"), (.SQLITE_READONLY, "it cannot be written"),
        (.SQLITE_IOERR, "the disk does not work: disk I/O error"), (.SQLITE_CANTOPEN, "it cannot be opened"),
        (.SQLITE_CORRUPT, "it is damaged: database disk image is malformed"),
    ])
    func requestsFailAtOnceAndTheReasonIsKnown(code: ResultCode, reason: String) throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.submit("sleep", #"{"seconds":1000}"#)
            disk.failure = code
            await #expect(throws: Self.unavailable(reason)) { _ = try await shop.submit("echo") }
            #expect(shop.store.problem == reason)
            await #expect(throws: Self.unavailable(reason)) { _ = try await shop.submit("echo") }
            await #expect(throws: Self.unavailable(reason)) { try await shop.store.remove([record.id]) }
            await #expect(throws: Self.unavailable(reason)) {
                try await shop.board.retry(record.id, for: Workshop.principal)
            }
            #expect(shop.seconds == 0)
            #expect(try Shelf(disk).ids() == [1])
            disk.failure = nil
            try await shop.loop.sleep(for: .seconds(1))
            #expect(shop.store.problem == nil)
            try await Self.clear(shop)
        }
    }

    @Test func aTryEachSecondFindsOutWhenTheDiskWorksAgain() throws {
        try Workshop.runOnTrial { shop, disk in
            disk.failure = .SQLITE_FULL
            await #expect(throws: JobsError.self) { _ = try await shop.submit("echo") }
            #expect(disk.tries == 1)
            for second in 1...10 {
                try await shop.loop.sleep(for: .milliseconds(999))
                #expect(disk.tries == second)
                try await shop.loop.sleep(for: .milliseconds(1))
                #expect(disk.tries == second + 1)
            }
            disk.failure = nil
            try await shop.loop.sleep(for: .milliseconds(999))
            #expect(shop.store.problem == "the disk is full")
            try await shop.loop.sleep(for: .milliseconds(1))
            #expect(shop.store.problem == nil)
            try await shop.loop.sleep(for: .seconds(10))
            #expect(disk.tries == 12, "it is tried on when all is well")
        }
    }

    @Test func aRunningJobGoesOnAndWhatItCameToIsWrittenLater() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.failure = .SQLITE_IOERR
            try await shop.loop.sleep(for: .milliseconds(5500))
            #expect(shop.journal.lines == ["+a", "-a"])
            #expect(record.job.state == .running)
            disk.failure = nil
            let job = try await shop.end(of: record)
            #expect(shop.seconds == 6)
            #expect((job.state, Workshop.seconds(job.finishedAt)) == (.succeeded, 1))
            #expect(record.events.map(\.sequence) == [1, 2, 3])
        }
    }

    @Test func whatWasNotWrittenIsWrittenOnceAndInItsOrder() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.submit("chatter", #"{"name":"","seconds":5}"#)
            disk.failure = .SQLITE_FULL
            try await shop.loop.sleep(for: .seconds(3))
            disk.failure = nil
            try await shop.end(of: record)
            let events = record.events.map { $0.message?.text ?? $0.progress?.note ?? $0.state?.rawValue ?? "" }
            #expect(events == ["queued", "running", "0", "1", "2", "3", "4", "all said", "succeeded"])
        }
    }

    @Test func whatCameDuringACommitThatFailsIsWrittenAfterIt() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 10)
            try await shop.wait(for: record) { $0.state == .running }
            let execution = try #require(shop.board.execution(of: record.id))
            disk.isHeld = true
            disk.failure = .SQLITE_FULL
            for text in ["first", "second"] {
                execution.didLog(Event.Message(level: "info", text: text))
                await Task.yield()
            }
            disk.isHeld = false
            disk.failure = nil
            try await shop.end(of: record)
            #expect(record.events.compactMap(\.message?.text) == ["first", "second"])
        }
    }

    @Test func aJobDoesNotStartBeforeItsStartIsOnDisk() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.runOnTrial(options) { shop, disk in
            let first = try await shop.work("a", seconds: 2)
            let second = try await shop.work("b", seconds: 2)
            try await shop.wait(for: first) { $0.state == .running }
            disk.failure = .SQLITE_FULL
            try await shop.loop.sleep(for: .seconds(10))
            #expect(shop.journal.lines == ["+a", "-a"])
            disk.failure = nil
            try await shop.end(of: second)
            #expect(shop.journal.lines == ["+a", "-a", "+b", "-b"])
        }
    }

    @Test func whatIsForgottenAndCountedIsRightAfterAnOutage() throws {
        var options = Workshop.Options()
        options.retainedJobs = 2
        try Workshop.runOnTrial(options) { shop, disk in
            for _ in 0..<3 { try await shop.end(of: try await shop.submit("echo")) }
            disk.failure = .SQLITE_FULL
            try await shop.loop.sleep(for: .seconds(6))
            await #expect(throws: JobsError.self) { _ = try await shop.submit("echo") }
            #expect(try Shelf(disk).ids() == [3, 2, 1])
            disk.failure = nil
            try await shop.loop.sleep(for: .seconds(1))
            #expect(try Shelf(disk).ids() == [3, 2])
        }
    }

    @Test func ofWhatJobsReportOnlySoMuchWaitsForTheDisk() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.failure = .SQLITE_FULL
            await #expect(throws: JobsError.self) { _ = try await shop.submit("echo") }
            let execution = try #require(shop.board.execution(of: record.id))
            let large = Event.Message(level: "info", text: String(repeating: "x", count: 1 << 20))
            for _ in 0..<200 { execution.didLog(large) }
            #expect((64...90).contains(shop.store.unrecordedCount))
            disk.failure = nil
            #expect(try await shop.end(of: record).state == .succeeded, "a state was dropped")
            let small = try await shop.work("b", seconds: 1)
            try await shop.wait(for: small) { $0.state == .running }
            disk.isHeld = true
            let other = try #require(shop.board.execution(of: small.id))
            for _ in 0..<150_000 { other.didLog(Event.Message(level: "info", text: "")) }
            #expect((100_000...100_100).contains(shop.store.unrecordedCount), "while the disk only takes its time")
            disk.isHeld = false
            try await shop.end(of: small)
        }
    }

    // MARK: Reading

    @Test func aReadThatFailsSaysWhyAndTheNextOneMayWork() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.submit("echo")
            try await shop.end(of: record)
            disk.readFailure = .SQLITE_CANTOPEN
            await #expect(throws: Self.unavailable("it cannot be opened")) {
                _ = try await shop.board.job(record.id, for: Workshop.principal)
            }
            await #expect(throws: Self.unavailable("it cannot be opened")) { _ = try await shop.end(of: record) }
            disk.readFailure = nil
            #expect(try await shop.board.job(record.id, for: Workshop.principal).state == .succeeded)
        }
    }

    // MARK: A disk that hangs

    @Test func aDiskThatDoesNotAnswerIsNoticed() throws {
        try Workshop.runOnTrial { shop, disk in
            let outcomes = Outcomes()
            disk.isHeld = true
            try Self.submit(1, to: shop, outcomes)
            try await shop.loop.sleep(for: .seconds(4))
            #expect(shop.store.trouble == nil)
            try await shop.loop.sleep(for: .seconds(3))
            #expect(shop.store.trouble == "the disk has not answered for 7 seconds")
            #expect(shop.store.problem == nil, "what is submitted waits, and is not refused")
            disk.isHeld = false
            while outcomes.lines.isEmpty { await Task.yield() }
            #expect(outcomes.lines == ["0"])
            #expect(shop.store.trouble == nil)
            try await Self.clear(shop)
        }
    }

    // MARK: The end

    @Test func anEndDuringAnOutageSaysWhatIsNotRecorded() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.failure = .SQLITE_FULL
            try await shop.loop.sleep(for: .seconds(2))
            #expect(await !shop.store.settle(until: shop.loop.now + .seconds(1)))
            #expect(shop.store.unrecordedCount == 1)
            await shop.board.close(within: .seconds(1))
            #expect(record.job.state == .running)
            #expect(shop.seconds <= 3)
        }
    }

    /// Somebody has made room on the disk, and starts the daemon again.
    @Test func anEndRightAfterAnOutageLosesNothing() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.failure = .SQLITE_FULL
            try await shop.loop.sleep(for: .seconds(1))
            for _ in 0..<5 { await Task.yield() }
            #expect(shop.store.problem == "the disk is full")
            disk.failure = nil
            #expect(await shop.store.settle(until: shop.loop.now + .seconds(1)))
            #expect(record.job.state == .succeeded)
            #expect((shop.seconds, shop.store.unrecordedCount) == (1, 0), "at once")
        }
    }

    @Test func anEndDoesNotWaitForADiskThatHangs() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.isHeld = true
            try await shop.loop.sleep(for: .seconds(1))
            #expect(await !shop.store.settle(until: shop.loop.now + .seconds(2)))
            #expect(shop.seconds == 3)
            #expect(shop.store.unrecordedCount == 1, "the end of the job, which is on its way to the disk")
            disk.isHeld = false
        }
    }

    @Test func whatIsLateIsStillRecordedAtTheEnd() throws {
        try Workshop.runOnTrial { shop, disk in
            let record = try await shop.work("a", seconds: 1)
            try await shop.wait(for: record) { $0.state == .running }
            disk.isHeld = true
            try await shop.loop.sleep(for: .seconds(1))
            _ = try shop.loop.callLater(.seconds(1)) { disk.isHeld = false }
            #expect(await shop.store.settle(until: shop.loop.now + .seconds(2)))
            #expect(record.job.state == .succeeded)
            #expect(try shop.engine.writeNow { try $0.lastID() } == shop.store.ids.last)
        }
    }
}
