import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

/// What is too old is forgotten also when nothing else happens.
struct SweepTests {
    @Test func whatIsTooOldGoesWhileNothingElseHappens() throws {
        try Workshop.runOnTrial(Self.options(retention: .seconds(3600))) { shop, _ in
            shop.store.beginSweeping()
            let first = try await shop.submit("echo")
            try await shop.end(of: first)
            try await shop.loop.sleep(for: .seconds(600))
            let second = try await shop.submit("echo")
            try await shop.end(of: second)
            try await shop.loop.sleep(for: .seconds(3010))
            #expect(try Self.ids(shop) == [second.id])
            try await shop.loop.sleep(for: .seconds(610))
            #expect(try Self.ids(shop).isEmpty)
        }
    }

    @Test func whatIsTooMuchGoesWhileNothingElseHappens() throws {
        var options = Workshop.Options()
        options.retainedJobs = 2
        try Workshop.runOnTrial(options) { shop, _ in
            shop.store.beginSweeping()
            for _ in 0..<5 { try await shop.end(of: try await shop.submit("echo")) }
            try await shop.loop.sleep(for: .seconds(70))
            #expect(try Self.ids(shop).count == 2)
        }
    }

    @Test func theFirstLookIsAtTheBeginning() throws {
        try Workshop.runOnTrial(Self.options(retention: .seconds(60))) { shop, _ in
            try await shop.end(of: try await shop.submit("echo"))
            shop.setWallClock(by: .seconds(3600))
            shop.store.beginSweeping()
            await shop.settle()
            #expect(try Self.ids(shop).isEmpty)
        }
    }

    @Test func anIdleDaemonIsWokenForWhatHasEndedAndForNothingElse() throws {
        try Workshop.runOnTrial(Self.options(retention: .seconds(3600))) { shop, disk in
            shop.store.beginSweeping()
            for _ in 0..<20 {
                try await shop.end(of: try await shop.submit("echo"))
                try await shop.loop.sleep(for: .seconds(1))
            }
            #expect(shop.loop.timerCount == 1)
            let commits = disk.commits
            try await shop.loop.sleep(for: .seconds(3500))
            #expect(disk.commits == commits, "it looked before anything could be too old")
            try await shop.loop.sleep(for: .seconds(200))
            #expect(try Self.ids(shop).isEmpty)
            #expect(disk.commits <= commits + 2, "jobs that ended together are forgotten together")
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func anotherRetentionCountsAtOnce() throws {
        try Workshop.runOnTrial(Self.options(retention: .seconds(360_000))) { shop, _ in
            shop.store.beginSweeping()
            try await shop.end(of: try await shop.submit("echo"))
            try await shop.loop.sleep(for: .seconds(3000))
            shop.store.apply(Retention(jobs: 1000, age: 3_600_000_000, bytes: 1 << 30))
            try await shop.loop.sleep(for: .seconds(500))
            #expect(try Self.ids(shop).count == 1)
            try await shop.loop.sleep(for: .seconds(200))
            #expect(try Self.ids(shop).isEmpty)
        }
    }

    private static func options(retention: Duration) -> Workshop.Options {
        var options = Workshop.Options()
        options.retention = retention
        return options
    }

    private static func ids(_ shop: Workshop) throws -> [JobID] {
        try Shelf(shop.engine).ids().map { JobID(UInt64($0)) }
    }
}
