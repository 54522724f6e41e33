import CorundAPI
import CorundLoop
import Testing
import Varlink

@testable import CorundService

/// What a reload means to jobs that are there.
struct ReplacedKindTests {
    /// Kinds whose jobs note who has run them.
    private static func registry(_ shop: Workshop, note: String, without gone: String? = nil) -> JobRegistry {
        let journal = shop.journal
        var registry = shop.registry
        registry.register("note") { (_: [String: Int], _) in journal.lines.append(note) }
        registry.register("stumble") { (_: [String: Int], _) -> Void in
            journal.lines.append(note)
            throw JobFailure(kind: "Stumbled", message: "")
        }
        guard let gone else { return registry }
        return JobRegistry(registry, without: gone)
    }

    /// Two jobs of the group "g", the first of which has a turn when its kind is gone.
    private static func jobsOfWhichOneIsSetAside(_ shop: Workshop) async throws -> (
        gone: JobRecord, other: JobRecord
    ) {
        shop.scheduler.pause("g")
        let gone = try await shop.submit("note") { $0.group = "g" }
        let other = try await shop.submit("echo") { $0.group = "g" }
        shop.board.replaceKinds(with: registry(shop, note: "new", without: "note"))
        shop.scheduler.resume("g")
        return (gone, other)
    }

    private static func run(_ body: @escaping (Workshop) async throws -> Void) throws {
        try Workshop.run { shop in
            shop.board.replaceKinds(with: registry(shop, note: "old"))
            try await body(shop)
        }
    }

    @Test func aJobThatWaitsIsRunAsTheNewKindSays() throws {
        try Self.run { shop in
            shop.scheduler.pause(nil)
            let queued = try await shop.submit("note")
            let scheduled = try await shop.submit("note") { $0.delayMilliseconds = 60_000 }
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            shop.scheduler.resume(nil)
            try await shop.end(of: [queued, scheduled])
            #expect(shop.journal.lines == ["new", "new"])
        }
    }

    @Test func aJobWhoseKindIsTakenAwayWaitsUntilItIsThereAgain() throws {
        try Self.run { shop in
            let first = try await shop.submit("note") { $0.delayMilliseconds = 1000 }
            let second = try await shop.submit("echo") { $0.after = [first.id.description] }
            shop.board.replaceKinds(with: Self.registry(shop, note: "new", without: "note"))
            await #expect(throws: JobsError.unknownJob(job: "note")) { _ = try await shop.submit("note") }
            try await shop.loop.sleep(for: .seconds(1000))
            #expect(first.job.state == .queued)
            #expect(second.job.state == .queued)
            #expect(shop.scheduler.waitingCount == 1, "the one that waits for its kind takes nobody's room")
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            try await shop.end(of: [first, second])
            #expect(shop.journal.lines == ["new"])
            #expect(first.job.attempt == 1)
        }
    }

    @Test func anotherAttemptWaitsForItsKindToo() throws {
        try Self.run { shop in
            let job = try await shop.submit("stumble") { $0.maxAttempts = 2 }
            try await shop.wait(for: job) { $0.state == .scheduled }
            shop.board.replaceKinds(with: Self.registry(shop, note: "new", without: "stumble"))
            try await shop.loop.sleep(for: .seconds(1000))
            #expect(job.job.state == .queued)
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            #expect(try await shop.end(of: job).state == .failed)
            #expect(shop.journal.lines == ["old", "new"])
        }
    }

    @Test func whatWaitsForItsKindCanBeCancelled() throws {
        try Self.run { shop in
            let job = try await shop.submit("note") { $0.delayMilliseconds = 1000 }
            shop.board.replaceKinds(with: Self.registry(shop, note: "new", without: "note"))
            try await shop.loop.sleep(for: .seconds(10))
            try await shop.cancel(job)
            #expect(job.job.state == .cancelled)
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            await shop.settle()
            #expect(shop.journal.lines.isEmpty)
        }
    }

    @Test func jobsThatWereSetAsideLeaveTheirGroupsPlacesToOthers() throws {
        try Self.run { shop in
            var settings = GroupSettings()
            settings.limit = 1
            shop.scheduler.apply(settings: ["g": settings])
            let (gone, other) = try await Self.jobsOfWhichOneIsSetAside(shop)
            #expect(try await shop.end(of: other).state == .succeeded)
            #expect(gone.job.state == .queued)
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            #expect(try await shop.end(of: gone).state == .succeeded)
        }
    }

    @Test func jobsThatWereSetAsideUseUpNoStartsOfTheirGroup() throws {
        try Self.run { shop in
            var settings = GroupSettings()
            settings.rate = Rate(count: 1, period: .seconds(60))
            shop.scheduler.apply(settings: ["g": settings])
            let (gone, other) = try await Self.jobsOfWhichOneIsSetAside(shop)
            try await shop.end(of: other)
            #expect(shop.seconds == 0)
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            try await shop.end(of: gone)
            #expect(shop.seconds == 60, "the start of the other one counts")
        }
    }

    @Test func aJobThatWasSetAsideHasWaitedAllTheSame() throws {
        try Self.run { shop in
            var settings = GroupSettings()
            settings.limit = 1
            shop.scheduler.apply(settings: ["g": settings])
            let kind = try shop.board.kinds.find("note")
            let older = Probe(902, kind: kind, group: "g")
            let younger = Probe(901, group: "g")
            shop.board.replaceKinds(with: Self.registry(shop, note: "new", without: "note"))
            // As jobs of an earlier daemon, which have waited for a while.
            shop.scheduler.admit(older, due: .loopTime(LoopTime(nanoseconds: -200)))
            shop.scheduler.pause("g")
            shop.scheduler.admit(younger, due: .loopTime(LoopTime(nanoseconds: -100)))
            #expect(older.turns.isEmpty)
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            shop.scheduler.resume("g")
            while younger.ends.isEmpty { await Task.yield() }
            #expect(older.ticket < younger.ticket)
        }
    }

    @Test func whatRunsGoesOn() throws {
        try Self.run { shop in
            let job = try await shop.work("a", seconds: 100)
            try await shop.wait(for: job) { $0.state == .running }
            shop.board.replaceKinds(with: JobRegistry())
            #expect(try await shop.end(of: job).state == .succeeded)
            #expect(shop.journal.lines == ["+a", "-a"])
        }
    }

    @Test func aJobThatSomebodyWaitsForOnAConnectionEnds() throws {
        try Self.run { shop in
            shop.scheduler.pause(nil)
            let kind = try shop.board.kinds.find("note")
            let run = Probe(900, kind: kind, waitsForItsKind: false)
            shop.scheduler.admit(run)
            shop.board.replaceKinds(with: Self.registry(shop, note: "new", without: "note"))
            shop.scheduler.resume(nil)
            let failure = try #require(run.ends.first).outcome.failure(attempt: 0)
            #expect(failure?.message == "there is no kind of job called note any more")
        }
    }

    @Test func whatWaitsForItsKindIsInterruptedByTheEndOfADaemonWithoutADisk() throws {
        try Self.run { shop in
            let job = try await shop.submit("note") { $0.delayMilliseconds = 1000 }
            shop.board.replaceKinds(with: JobRegistry())
            try await shop.loop.sleep(for: .seconds(10))
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            await shop.settle()
            #expect(job.job.state == .interrupted)
        }
    }

    @Test func aThousandAndOneAreSetAsideAndCameBackInTheirOrder() throws {
        var options = Workshop.Options()
        options.waiting = 5000
        try Workshop.run(options) { shop in
            shop.board.replaceKinds(with: Self.registry(shop, note: "old"))
            shop.scheduler.pause(nil)
            var jobs: [JobRecord] = []
            for _ in 0..<1500 { jobs.append(try await shop.submit("note")) }
            let last = try await shop.submit("echo")
            shop.board.replaceKinds(with: Self.registry(shop, note: "new", without: "note"))
            shop.scheduler.resume(nil)
            #expect(try await shop.end(of: last).state == .succeeded)
            shop.board.replaceKinds(with: Self.registry(shop, note: "new"))
            try await shop.end(of: jobs)
            let starts = jobs.map { $0.job.startedAt?.microseconds ?? 0 }
            #expect(starts == starts.sorted())
        }
    }

    /// Should it come back, none of its jobs is to run twice that must not.
    @Test(arguments: [false, true])
    func whetherAJobMayRunTwiceIsKnownWhenItsKindIsGone(cameByReload: Bool) throws {
        let engine = try MemoryEngine(retention: Shelf.generous)
        let kinds = { (registry: inout JobRegistry) in
            for policy in CrashPolicy.allCases {
                var options = KindOptions()
                options.crashPolicy = policy
                registry.register("on-\(policy)", options) { (_: [String: Int], _) in }
            }
        }
        try Workshop.run(kinds: { registry, _ in if !cameByReload { kinds(&registry) } }, engine: { _ in engine }) {
            shop in
            try shop.board.recover(crashLimit: 3)
            var registry = shop.registry
            kinds(&registry)
            if cameByReload { shop.board.replaceKinds(with: registry) }
            shop.board.replaceKinds(with: JobRegistry(registry, without: "on-fail"))
            await shop.settle()
        }
        let shelf = Shelf(engine)
        for (id, policy) in zip(1... as PartialRangeFrom<UInt64>, CrashPolicy.allCases) {
            try shelf.add(id, "on-\(policy)")
            try shelf.start(id)
        }
        for _ in 0..<2 {
            try Workshop.run(engine: { _ in engine }) { try $0.board.recover(crashLimit: 3) }
        }
        #expect(try [1, 2, 3].map { try shelf.find($0)?.state } == [.queued, .failed, .interrupted])
    }
}

extension JobRegistry {
    /// The kinds of another one, but one.
    fileprivate init(_ registry: JobRegistry, without name: String) {
        self.init()
        for (other, kind) in registry.kinds where other != name {
            add(other, kind.options, check: kind.check, kind.run)
        }
    }
}
