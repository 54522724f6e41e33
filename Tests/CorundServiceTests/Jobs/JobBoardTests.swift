import CorundAPI
import CorundLoop
import Glibc
import Testing
import Varlink

@testable import CorundService

struct JobBoardTests {
    // MARK: Submitting

    @Test func aRecordSaysAllThatWasSubmitted() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a") {
                $0.key = "k"
                $0.context = "mine"
                $0.group = "disk"
                $0.priority = 7
                $0.maxAttempts = 3
                $0.labels = ["a": "b"]
                $0.delayMilliseconds = 1000
            }
            var expected = Job(
                id: "1", job: "work", state: .scheduled,
                arguments: try RawJSON(validating: #"{"name":"a","seconds":1.0}"#),
                attempt: 0, maxAttempts: 3, context: "mine", group: "disk", priority: 7, labels: ["a": "b"],
                ownerUID: 1000,
                submittedAt: Workshop.noon)
            expected.key = "k"
            expected.notBefore = Timestamp(microseconds: Workshop.noon.microseconds + 1_000_000)
            #expect(record.job == expected)
            try await shop.cancel(record)
        }
    }

    @Test func whatIsNotSubmittedIsAsTheKindHasIt() throws {
        try Workshop.run { shop in
            let job = try await shop.end(of: try await shop.submit(Submission(job: "echo")))
            #expect(job.arguments == nil)
            #expect(job.result == .emptyObject)
            #expect(job.group == "echo")
            #expect(job.context == "shared")
            #expect(job.maxAttempts == 1)
            #expect(job.labels == [:])
        }
    }

    @Test func whatCannotBeTakenIsRefused() throws {
        try Workshop.run { shop in
            await #expect(throws: JobsError.unknownJob(job: "nothing")) { _ = try await shop.submit("nothing") }
            await #expect(throws: JobsError.invalidArguments(job: "sleep", path: "seconds", message: "missing")) {
                _ = try await shop.submit("sleep")
            }
            await #expect(throws: VarlinkError.invalidParameter("submission.priority")) {
                _ = try await shop.submit("echo") { $0.priority = 101 }
            }
            await #expect(throws: JobsError.noSuchJob(id: "1")) {
                _ = try await shop.board.job(JobID(1), for: Workshop.principal)
            }
        }
    }

    @Test func whatIsForTheDaemonsOwnUserIsRefusedToOthers() throws {
        try Workshop.run(kinds: { registry, _ in
            var options = KindOptions()
            options.isForOwnUserAlone = true
            registry.register("own", options) { (_: [String: Int], _) -> Void in throw CancellationError() }
        }) { shop in
            let (stranger, own) = (
                Principal(userID: geteuid() + 1, roles: .operate), Principal(userID: geteuid(), roles: .operate)
            )
            let submission = try Workshop.submission("own")
            let denial = VarlinkError.permissionDenied(
                "jobs of the kind own are for the daemon's own user alone, whatever one's role")
            await #expect(throws: denial) {
                _ = try await shop.board.submit(submission, from: stranger)
            }
            await #expect(throws: denial) {
                _ = try await shop.board.submit([submission], from: stranger)
            }
            let id = try JobBoard.number(try await shop.board.submit(submission, from: own).id)
            _ = try await shop.board.end(of: id, for: own)
            await #expect(throws: denial) { try await shop.board.retry(id, for: stranger) }
            try await shop.board.retry(id, for: own)
            _ = try await shop.board.end(of: id, for: own)
        }
    }

    @Test(arguments: ["", "x", "0", "2", "01", "99999999999999999999"])
    func anIdThatNobodyHasIsNoJob(id: String) throws {
        try Workshop.run { shop in
            try await shop.end(of: try await shop.submit("echo"))
            await #expect(throws: JobsError.noSuchJob(id: id)) {
                _ = try await shop.board.job(JobBoard.number(id), for: Workshop.principal)
            }
        }
    }

    // MARK: Keys

    @Test func aKeyThatALiveOrRetainedJobHasGivesThatJob() throws {
        try Workshop.run { shop in
            let submission = try Workshop.submission("sleep", #"{"seconds":1}"#) { $0.key = "k" }
            let peer = Principal(userID: 1, roles: .submit)
            for isCreated in [true, false] {
                let result = try await shop.board.submit(submission, from: peer)
                #expect((result.id, result.created) == ("1", isCreated))
            }
            try await shop.end(of: try shop.record("1"))
            #expect(try await shop.board.submit(submission, from: peer).created == false)
            #expect(shop.statistics.total(.running) == 1)
        }
    }

    @Test func aKeyForSomethingElseIsWrong() throws {
        try Workshop.run { shop in
            try await shop.submit("echo", "[1]") { $0.key = "k" }
            for (job, arguments) in [("echo", "[2]"), ("count", "[1]")] {
                await #expect(throws: VarlinkError.invalidParameter("submission.key")) {
                    _ = try await shop.submit(job, arguments) { $0.key = "k" }
                }
            }
        }
    }

    @Test func aKeyThatIsForgottenIsFree() throws {
        var options = Workshop.Options()
        options.retainedJobs = 0
        try Workshop.run(options) { shop in
            let first = try await shop.submit("echo") { $0.key = "k" }
            try await shop.end(of: first)
            try await shop.loop.sleep(for: .microseconds(Retention.shortestAge + 1))
            let other = try await shop.submit("echo")
            try await shop.end(of: other)
            #expect(first.isForgotten)
            let second = try await shop.submit("echo") { $0.key = "k" }
            #expect(second.id != first.id)
            try await shop.end(of: second)
        }
    }

    // MARK: Many

    @Test func manyAreTakenInTheirOrder() throws {
        try Workshop.run { shop in
            let ids = try await shop.submitMany([
                try Workshop.submission("echo", "1"), try Workshop.submission("echo", "2"),
                try Workshop.submission("count"),
            ])
            #expect(ids == ["1", "2", "3"])
            for id in ids { try await shop.end(of: try shop.record(id)) }
            #expect(try shop.record("2").job.result?.description == "2")
        }
    }

    @Test func oneWrongOneAndNoneIsTaken() throws {
        try Workshop.run { shop in
            let right = try Workshop.submission("echo") { $0.key = "k" }
            let wrong: [(Submission, any Error & Equatable)] = [
                (try Workshop.submission("nothing"), JobsError.unknownJob(job: "nothing")),
                (
                    try Workshop.submission("sleep"),
                    JobsError.invalidArguments(job: "sleep", path: "seconds", message: "missing")
                ),
                (
                    try Workshop.submission("echo") { $0.group = "" },
                    VarlinkError.invalidParameter("submissions[1].group")
                ),
                (try Workshop.submission("echo") { $0.key = "k" }, VarlinkError.invalidParameter("submissions[1].key")),
            ]
            for (submission, error) in wrong {
                await Self.expect(error) { _ = try await shop.submitMany([right, submission]) }
            }
            #expect(JobState.allCases.map(shop.statistics.total).allSatisfy { $0 == 0 })
            #expect(try await shop.store.read { try $0.knows(["k"], of: 1000) } == false)
        }
    }

    private static func expect<Problem: Error & Equatable>(
        _ error: Problem, from body: () async throws -> Void
    ) async {
        await #expect(throws: error) { try await body() }
    }

    @Test func whenThereIsNoRoomForAllNoneIsTaken() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (2, 3)
        try Workshop.run(options) { shop in
            let submission = try Workshop.submission("sleep", #"{"seconds":1}"#)
            await #expect(throws: JobsError.queueFull(limit: 3, retryAfterMilliseconds: 500)) {
                _ = try await shop.submitMany(Array(repeating: submission, count: 6))
            }
            #expect(shop.scheduler.runningCount + shop.scheduler.waitingCount == 0)
            let ids = try await shop.submitMany(Array(repeating: submission, count: 5))
            for id in ids { try await shop.end(of: try shop.record(id)) }
        }
    }

    @Test func amongManyAKeyThatIsKnownGivesItsJob() throws {
        try Workshop.run { shop in
            let known = try Workshop.submission("echo") { $0.key = "k" }
            try await shop.end(of: try await shop.submit(known))
            let other = try Workshop.submission("echo")
            #expect(try await shop.submitMany([other, known, other]).count == 3)
            #expect(try await shop.submitMany([known, known]) == ["1", "1"])
            #expect(try await shop.submitMany([]) == [])
        }
    }

    // MARK: Events

    @Test func whatAHandlerReportsIsSeenInOrder() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("reporter", "{}")
            let job = try await shop.end(of: record)
            let events = record.events.dropFirst(2).map { event in
                event.progress.map { "\($0.fraction) \($0.note ?? "-")" } ?? event.message.map {
                    "\($0.level): \($0.text)"
                }
                    ?? event.state?.rawValue ?? ""
            }
            #expect(events == ["0.5 half", "notice: hello", "1.0 -", "0.0 -", "succeeded"])
            #expect(job.progress == 0)
            #expect(job.progressNote == nil)
            #expect(record.events.map(\.sequence) == Array(1...7))
        }
    }

    @Test func eventsOfOneJobAreBoundedButItsStatesAreKept() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("chatter", #"{"name":"","seconds":20000}"#)
            let job = try await shop.end(of: record)
            let numbers = record.events.map(\.sequence)
            #expect(numbers.count <= EventBudget.mostEvents + 1)
            #expect(numbers.count > EventBudget.mostEvents / 2)
            #expect(Array(numbers.prefix(EventBudget.head)) == Array(1...EventBudget.head))
            #expect(numbers.suffix(1000).elementsEqual(19_005...20_004))
            #expect(record.events.compactMap(\.state) == [.queued, .running, .succeeded])
            #expect(job.progressNote == "all said")
        }
    }

    @Test func eventsAreGivenFromANumberOn() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("echo")
            try await shop.end(of: record)
            #expect(record.events(from: 1).map(\.sequence) == [1, 2, 3])
            #expect(record.events(from: 3).map(\.sequence) == [3])
            #expect(record.events(from: 4).isEmpty)
            #expect(record.events(from: .max).isEmpty)
            #expect(record.events(from: 0).count == 3)
        }
    }

    @Test func whatRecordsPausesIsLetGoOfInTheEnd() throws {
        // The workshop looks itself that nothing keeps the scheduler and the loop.
        try Workshop.run { workshop in
            try workshop.board.recoverPauses()
            workshop.scheduler.pause(nil)
            await workshop.settle()
        }
    }

    @Test func everyoneWhoWaitsIsWoken() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a")
            nonisolated(unsafe) let (shop, shared) = (shop, record)
            let waiters = try (0..<200).map { number in
                try shop.loop.spawn { "\(number) \(try await shop.end(of: shared).state)" }
            }
            let impatient = try shop.loop.spawn { try await shop.end(of: shared).id }
            await Task.yield()
            impatient.cancel()
            for (number, waiter) in waiters.enumerated() { #expect(try await waiter.value == "\(number) succeeded") }
            await #expect(throws: CancellationError.self) { try await impatient.value }
        }
    }
}
