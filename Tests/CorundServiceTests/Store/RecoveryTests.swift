import CorundAPI
import Testing
import Varlink

@testable import CorundService

struct RecoveryTests {
    // MARK: Decisions

    private struct Case: CustomStringConvertible {
        let state: JobState
        let isDurable: Bool
        let policy: CrashPolicy?
        let crashes: Int

        var description: String {
            "\(state), durable: \(isDurable), \(policy.map { "\($0)" } ?? "-"), \(crashes) crashes"
        }
    }

    private static let cases: [Case] = JobState.allCases.flatMap { state in
        [true, false].flatMap { isDurable in
            (CrashPolicy.allCases + [nil]).flatMap { policy in
                (0...4).map { Case(state: state, isDurable: isDurable, policy: policy, crashes: $0) }
            }
        }
    }

    private enum Verdict { case wait, rerun, failed, held }

    /// What is written of it in the documentation, said in another way than in the code.
    private static func expected(_ item: Case) -> Verdict {
        if item.state.isFinal, item.state != .interrupted { return .wait }
        if !item.isDurable { return .held }
        if item.state == .queued || item.state == .scheduled { return .wait }
        if item.state == .running, item.crashes >= 2 { return .held }
        return [.rerun: .rerun, .fail: .failed, .hold: .held][item.policy ?? .rerun] ?? .rerun
    }

    @Test func eachCaseIsDecidedAsItIsWritten() {
        for item in Self.cases {
            var job = WaitingJob(Shelf.job(1, "kind") { $0.job.state = item.state })
            (job.isDurable, job.crashes, job.attempt) = (item.isDurable, item.crashes, 2)
            let plan = Recovery(policies: item.policy.map { ["kind": $0] } ?? [:], crashLimit: 3)
            let verdict: Verdict
            switch plan.decide(job) {
            case .wait: verdict = .wait
            case .rerun: verdict = .rerun
            case .end(.failed, let failure):
                verdict = .failed
                #expect((failure.kind, failure.attempt) == ("Interrupted", 2))
            case .end(let state, let failure):
                verdict = .held
                #expect((state, failure.kind, failure.attempt) == (.interrupted, "Interrupted", 2))
                #expect(!item.isDurable || failure.message.contains("corund-ctl retry"), "\(failure.message)")
            }
            #expect(verdict == Self.expected(item), "\(item)")
        }
    }

    // MARK: In the tables

    @Test func whatWaitsIsHandedOnInTheOrderOfItsTurns() throws {
        let shelf = try Shelf()
        func ready(_ second: Int64) -> Timestamp { Timestamp(microseconds: Workshop.noon.microseconds + second) }
        try shelf.add(1) { $0.readyAt = ready(9) }
        try shelf.add(2) { ($0.job.priority, $0.readyAt) = (-100, ready(0)) }
        try shelf.add(3) { $0.readyAt = ready(3) }
        try shelf.add(4) { $0.readyAt = ready(3) }
        try shelf.add(5) { ($0.job.priority, $0.readyAt) = (100, ready(20)) }
        #expect(try shelf.recover().map(\.id.number) == [5, 3, 4, 1, 2])
    }

    @Test func aJobThatRanIsMarkedAsTheDecisionWantsIt() throws {
        let shelf = try Shelf()
        for (id, kind) in [(1, "rerun"), (2, "fail"), (3, "hold")] as [(UInt64, String)] {
            try shelf.add(id, kind)
            try shelf.start(id)
        }
        shelf.pass(.seconds(10))
        let policies: [String: CrashPolicy] = ["rerun": .rerun, "fail": .fail, "hold": .hold]
        let waiting = try shelf.recover(policies)
        #expect(waiting.map(\.id.number) == [1])
        #expect((waiting[0].state, waiting[0].attempt, waiting[0].crashes) == (.queued, 1, 1))
        let jobs = try (1...3).map { try #require(try shelf.find($0)) }
        #expect(jobs.map(\.state) == [.queued, .failed, .interrupted])
        #expect(jobs.map { $0.finishedAt != nil } == [false, true, true])
        #expect(jobs[1].failure?.message == "the daemon died while it ran, and it must not run twice")
        #expect(jobs[2].failure?.message == "held: the daemon died while it ran; `corund-ctl retry` runs it again")
        #expect(jobs.map { $0.attempts?.map(\.state) } == [[.interrupted], [.interrupted], [.interrupted]])
        #expect(jobs.map(\.maxAttempts) == [2, 1, 1], "the attempt after a crash is allowed, and so is told")
        #expect(try shelf.states(1) == [.queued, .running, .queued])
        #expect(try shelf.states(2) == [.queued, .running, .failed])
        #expect(try shelf.states(3) == [.queued, .running, .interrupted])
    }

    @Test(arguments: [(0, 0), (1, 2), (2, 2), (5, 5)])
    func aCrashOfTheLastAttemptAllowsAnotherOne(allowed: Int, afterwards: Int) throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.maxAttempts = allowed }
        try shelf.start(1)
        #expect(try shelf.recover().map(\.maxAttempts) == [afterwards])
        #expect(try shelf.find(1)?.maxAttempts == afterwards)
    }

    @Test func anInterruptionByAnEndInGoodOrderIsNoCrash() throws {
        let shelf = try Shelf()
        try shelf.add(1, "hold")
        try shelf.add(2)
        for id: UInt64 in 1...2 {
            try shelf.start(id)
            try shelf.end(id, .interrupted, attempt: 0) { $0.finishedAt = nil }
        }
        let waiting = try shelf.recover(["hold": .hold])
        #expect(waiting.map(\.id.number) == [2])
        #expect((waiting[0].attempt, waiting[0].maxAttempts, waiting[0].crashes) == (0, 1, 0))
        #expect(try shelf.find(1)?.failure?.message.contains("the daemon ended while it ran") == true)
        #expect(try shelf.find(2)?.attempts?.count == 1)
    }

    @Test func afterSoManyCrashesAJobIsHeldUntilItIsTriedAgain() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        for round in 0..<2 {
            for crash in 1...3 {
                try shelf.start(1, attempt: round * 3 + crash)
                #expect(try shelf.recover().map(\.crashes) == (crash < 3 ? [crash] : []))
            }
            let job = try #require(try shelf.find(1))
            #expect(job.state == .interrupted)
            #expect(job.failure?.message == "held: 3 daemons died while it ran; `corund-ctl retry` runs it again")
            #expect(try shelf.recover().isEmpty)
            try shelf.write { _ = try $0.reopen(JobID(1), at: shelf.now) }
        }
    }

    @Test func whatIsNotDurableStaysInterrupted() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.isDurable = false }
        try shelf.add(2) { ($0.isDurable, $0.job.state) = (false, .scheduled) }
        try shelf.add(3) { $0.isDurable = false }
        try shelf.start(3)
        #expect(try shelf.recover().isEmpty)
        for id: UInt64 in 1...3 {
            let job = try #require(try shelf.find(id))
            #expect((job.state, job.finishedAt) == (.interrupted, shelf.now))
            #expect(job.failure?.message == "the daemon ended, and jobs of this kind do not survive it")
        }
    }

    @Test func aStateThatNobodyKnowsIsTakenForAnInterruption() throws {
        let shelf = try Shelf()
        try shelf.add(1, "hold")
        try shelf.write { _ = try $0.run("UPDATE jobs SET state = 'Queued'", []) }
        #expect(try shelf.recover(["hold": .hold]).isEmpty)
        #expect(try shelf.find(1)?.failure?.message.hasPrefix("held") == true)
    }

    @Test func recoveringTwiceChangesNothingMore() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...3 { try shelf.add(id) }
        try shelf.start(1)
        let first = try shelf.recover()
        let events = try shelf.count("events")
        #expect(try shelf.recover() == first)
        #expect(try shelf.count("events") == events)
    }

    // MARK: Through a file

    /// What a daemon that was killed has left, as the next one finds it.
    @Test func allThatWaitsComesBackFromAFile() throws {
        let folder = try StateFolder()
        let due = Timestamp(microseconds: Workshop.noon.microseconds + 3_600_000_000)
        let jobs = [
            Shelf.job(1) { ($0.job.priority, $0.job.group, $0.job.key) = (7, "disk", "k") },
            Shelf.job(2, "gone") { $0.timeoutMilliseconds = 5 },
            Shelf.job(3) { ($0.job.state, $0.job.notBefore, $0.isDelay) = (.scheduled, due, true) },
            Shelf.job(4) { $0.job.after = ["1", "2"] },
        ]
        try folder.open { shelf in
            try shelf.write { _ = try $0.insert(jobs) }
            try shelf.add(5) { $0.job.maxAttempts = 3 }
            try shelf.start(5)
            try shelf.end(5, .scheduled)
            try shelf.write { try $0.postpone(JobID(5), until: due) }
            try shelf.addEnded(6)
            try shelf.addEnded(7)
            try shelf.write { _ = try $0.remove([JobID(7)]) }
        }
        try folder.open { shelf in
            #expect(try shelf.write { try $0.lastID() } == JobID(7), "the number of a removed job is free")
            let waiting = try shelf.recover()
            #expect(waiting.prefix(4) == [jobs[0], jobs[1], jobs[2], jobs[3]].map(WaitingJob.init)[...])
            let retrying = try #require(waiting.last)
            #expect((retrying.id, retrying.state, retrying.attempt) == (JobID(5), .scheduled, 1))
            #expect((retrying.notBefore, retrying.isDelay, retrying.maxAttempts) == (due, true, 3))
            for job in jobs { #expect(try shelf.find(job.id.number) == job.job) }
            #expect(try shelf.find(6)?.state == .succeeded)
            #expect(try shelf.states(6) == [.queued, .running, .succeeded])
            #expect(try shelf.read { try $0.knows(["k"], of: 1000) })
        }
    }

    // MARK: On the board

    @Test func anotherDaemonGoesOnInTheOrderOfTheQueue() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            let shelf = Shelf(shop.engine)
            for (id, priority) in [(1, 0), (2, 0), (3, 9), (4, -9)] as [(UInt64, Int)] {
                try shelf.add(id, "work") { stored in
                    stored.job.arguments = RawJSON(unchecked: Array(#"{"name":"\#(id)","seconds":1}"#.utf8))
                    stored.job.priority = priority
                }
            }
            try shop.board.recover(crashLimit: 3)
            for id in ["1", "2", "3", "4"] { try await shop.end(of: try shop.record(id)) }
            #expect(shop.journal.lines.filter { $0.hasPrefix("+") } == ["+3", "+1", "+2", "+4"])
        }
    }

    @Test func whatIsScheduledKeepsItsTime() throws {
        try Workshop.run { shop in
            let shelf = Shelf(shop.engine)
            for (id, second) in [(1, 50), (2, -50), (3, 100)] as [(UInt64, Int64)] {
                try shelf.add(id) { stored in
                    stored.job.state = .scheduled
                    stored.job.notBefore = Timestamp(microseconds: Workshop.noon.microseconds + second * 1_000_000)
                }
            }
            try shop.board.recover(crashLimit: 3)
            let jobs = try await (1...3).mapAsync { try await shop.end(of: try shop.record("\($0)")) }
            #expect(jobs.map { Workshop.seconds($0.startedAt) } == [50, 0, 100])
        }
    }

    /// Jobs that were running when so many daemons died, and how they are run now; each takes a second.
    ///
    /// 0 is one that has its last chance, and whose group is paused.
    private static func runAfterCrashes(
        _ crashes: [Int], limit: Int, _ body: @escaping (Workshop, [JobRecord]) async throws -> Void
    ) throws {
        try Workshop.run { shop in
            let shelf = Shelf(shop.engine)
            shop.scheduler.pause("paused")
            for (index, count) in crashes.enumerated() {
                let id = UInt64(index + 101)
                try shelf.add(id, "work") { stored in
                    if count == 0 { stored.job.group = "paused" }
                    stored.job.arguments = RawJSON(unchecked: Array(#"{"name":"\#(id)","seconds":1}"#.utf8))
                }
                try shelf.write { writer in
                    _ = try writer.run(
                        "UPDATE jobs SET crashes = ? WHERE id = ?", [count == 0 ? limit - 2 : count - 1, JobID(id)])
                    _ = try writer.start(JobID(id), attempt: 1, at: Workshop.noon)
                }
            }
            try shop.board.recover(crashLimit: limit)
            try await body(shop, try crashes.indices.map { try shop.record("\($0 + 101)") })
        }
    }

    @Test func jobsThatAnotherCrashWouldHoldRunOneAtATimeBesideTheOthers() throws {
        try Self.runAfterCrashes([2, 1, 2, 2, 1], limit: 3) { shop, jobs in
            let new = try await shop.work("new", seconds: 1)
            try await shop.end(of: jobs + [new])
            let starts = jobs.map { Workshop.seconds($0.job.startedAt) }
            #expect(starts == [0, 0, 1, 2, 0])
            #expect(Workshop.seconds(new.job.startedAt) == 0)
            #expect(shop.journal.mostRunning == 4)
        }
    }

    @Test(arguments: [(1, 2, [0, 1]), (1, 3, [0, 0]), (4, 5, [0, 1])])
    func onlyTheLastChanceIsTakenAlone(crashes: Int, limit: Int, starts: [Double]) throws {
        try Self.runAfterCrashes([crashes, crashes], limit: limit) { shop, jobs in
            try await shop.end(of: jobs)
            #expect(jobs.map { Workshop.seconds($0.job.startedAt) } == starts)
        }
    }

    @Test func oneThatIsCancelledLetsTheNextOneRun() throws {
        try Self.runAfterCrashes([2, 2, 2], limit: 3) { shop, jobs in
            try await shop.wait(for: jobs[0]) { $0.state == .running }
            try await shop.cancel(jobs[1])
            try await shop.cancel(jobs[0])
            try await shop.end(of: jobs)
            #expect(jobs.map(\.job.state) == [.cancelled, .cancelled, .succeeded])
        }
    }

    @Test func oneThatIsPausedHoldsNoOther() throws {
        try Self.runAfterCrashes([0, 2], limit: 3) { shop, jobs in
            try await shop.end(of: jobs[1])
            #expect(jobs[0].job.state == .queued)
            shop.scheduler.resume("paused")
            try await shop.end(of: jobs[0])
            #expect(jobs.map(\.job.state) == [.succeeded, .succeeded])
        }
    }

    /// It has had its turn, was set aside, and its group is paused then.
    @Test func oneThatIsPausedWhileItIsSetAsideHoldsNoOther() throws {
        try Self.runAfterCrashes([2, 0, 2], limit: 3) { shop, jobs in
            try await shop.wait(for: jobs[0]) { $0.state == .running }
            shop.scheduler.resume("paused")
            shop.scheduler.pause("paused")
            try await shop.end(of: [jobs[0], jobs[2]])
            #expect(Workshop.seconds(jobs[2].job.startedAt) == 1)
            shop.scheduler.resume("paused")
            try await shop.end(of: jobs[1])
        }
    }

    @Test func aKindThatIsNotKnownWaitsAndCanBeCancelled() throws {
        try Workshop.run { shop in
            let shelf = Shelf(shop.engine)
            try shelf.add(1, "gone")
            try shelf.add(2, "gone")
            try shelf.start(2)
            try shop.board.recover(crashLimit: 3)
            #expect(try shelf.find(1)?.state == .queued)
            #expect(try shelf.find(2)?.state == .queued, "the policy of a kind that was never known is to run it again")
            let result = try await shop.board.cancel(
                JobID(1), reason: nil, until: shop.loop.now, for: Workshop.principal)
            #expect((result.state, result.stuck) == (.cancelled, false))
            await #expect(throws: JobsError.unknownJob(job: "gone")) {
                try await shop.board.retry(JobID(1), for: Workshop.principal)
            }
            #expect(try shelf.recover().map(\.id.number) == [2])
        }
    }

    @Test func aRetryThatWasDueLaterIsStillDueThen() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("fails", #"{"failures":1}"#) { $0.maxAttempts = 2 }
            try await shop.wait(for: record) { $0.state == .scheduled }
            let due = try #require(record.job.notBefore)
            #expect(due > Workshop.noon)
            #expect(try #require(try Shelf(shop.engine).recover().first).notBefore == due)
            let job = try await shop.end(of: record)
            #expect(job.attempts?.count == 1)
            #expect(try #require(job.startedAt) >= due)
        }
    }
}

extension Sequence {
    fileprivate func mapAsync<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
