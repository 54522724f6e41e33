import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct RetentionTests {
    private static let retention = Retention(jobs: 10, age: 60_000_000, bytes: 1000)

    private static func exceeds(jobs: Int = 1, bytes: Int = 1, age: Int64) -> Bool {
        let now = Timestamp(microseconds: Workshop.noon.microseconds + age)
        return retention.expiry(of: Workshop.noon, in: Retention.Stock(jobs: jobs, bytes: bytes)) < now
    }

    @Test func theOldestGoesWhenThereIsTooMuchOrItIsTooOld() {
        #expect(!Self.exceeds(jobs: 10, bytes: 1000, age: 60_000_000))
        #expect(Self.exceeds(jobs: 11, age: 6_000_000))
        #expect(Self.exceeds(bytes: 1001, age: 6_000_000))
        #expect(Self.exceeds(age: 60_000_001))
    }

    @Test func whatHasJustEndedCanBeSeenInAnyCase() {
        #expect(!Self.exceeds(jobs: 99, bytes: 9999, age: Retention.shortestAge))
        #expect(Self.exceeds(jobs: 99, bytes: 9999, age: Retention.shortestAge + 1))
        #expect(!Self.exceeds(jobs: 99, bytes: 9999, age: -1_000_000_000), "the clock was set back")
    }

    @Test func whatIsKeptForEverIsKeptForEver() {
        let retention = Retention(jobs: 10, age: .max, bytes: 1000)
        #expect(retention.expiry(of: Workshop.noon, in: Retention.Stock(jobs: 1, bytes: 1)) == .latest)
    }

    // MARK: In the tables

    @Test func liveJobsAreAlwaysKept() throws {
        let shelf = try Shelf(jobs: 0, age: .zero, bytes: 0)
        for id: UInt64 in 1...100 { try shelf.add(id) }
        shelf.pass(.seconds(1_000_000))
        #expect(try shelf.sweep() == 1)
        #expect(try shelf.ids().count == 100)
    }

    @Test func theOldestEndedJobsGoWhenThereAreTooMany() throws {
        let shelf = try Shelf(jobs: 3)
        for id: UInt64 in 1...5 { try shelf.add(id) }
        for id: UInt64 in (1...5).reversed() { try shelf.end(id) }
        #expect(try shelf.sweep() == 1)
        #expect(try shelf.ids().count == 5)
        shelf.pass(.seconds(6))
        _ = try shelf.sweep()
        #expect(try shelf.ids() == [5, 4, 3], "of those that ended at the same time, the first ones go")
    }

    @Test func theOldestEndedJobsGoWhenTheyTakeTooMuch() throws {
        let shelf = try Shelf(bytes: 10_000)
        for id: UInt64 in 1...5 {
            try shelf.addEnded(id, bytes: 3000)
            shelf.pass(.seconds(1))
        }
        shelf.pass(.seconds(6))
        _ = try shelf.sweep()
        #expect(try shelf.ids() == [5, 4, 3])
    }

    @Test(arguments: [true, false])
    func whatSubmittersAndHandlersSayTakesRoom(isLabel: Bool) throws {
        let shelf = try Shelf(bytes: 10_000)
        let long = String(repeating: "x", count: 3000)
        for id: UInt64 in 1...5 {
            try shelf.add(id) { if isLabel { $0.job.labels = ["a": long] } }
            try shelf.start(id)
            try shelf.end(id, .failed) { end in
                if !isLabel { end.failure = Failure(kind: "K", message: long, attempt: 1) }
            }
            shelf.pass(.seconds(1))
        }
        shelf.pass(.seconds(6))
        _ = try shelf.sweep()
        #expect(try shelf.ids() == [5, 4, 3])
    }

    @Test func endedJobsGoWhenTheyAreTooOld() throws {
        let shelf = try Shelf(age: .seconds(60))
        try shelf.addEnded(1)
        shelf.pass(.seconds(30))
        try shelf.addEnded(2)
        shelf.pass(.seconds(30))
        _ = try shelf.sweep()
        #expect(try shelf.ids() == [2, 1])
        shelf.pass(.seconds(1))
        _ = try shelf.sweep()
        #expect(try shelf.ids() == [2])
        #expect(try shelf.count("events") == 3)
    }

    @Test(arguments: [Retention(jobs: 0, age: .max, bytes: .max), Retention(jobs: .max, age: 1, bytes: .max)])
    func forgettingIsDoneInSmallStepsAndComesToItsEnd(retention: Retention) throws {
        let shelf = Shelf(try MemoryEngine(retention: retention))
        for id: UInt64 in 1...1000 { try shelf.addEnded(id) }
        shelf.pass(.seconds(60))
        #expect(try shelf.sweepOnce())
        #expect(try shelf.ids().count == 1000 - StoreWriter.forgottenAtOnce)
        #expect(try shelf.sweep() == 4)
        #expect(try shelf.ids().isEmpty)
    }

    @Test func aStepIsAlsoBoundedByBytes() throws {
        let shelf = try Shelf(jobs: 0)
        for id: UInt64 in 1...9 { try shelf.addEnded(id, bytes: 16 << 20) }
        shelf.pass(.seconds(60))
        #expect(try shelf.sweepOnce())
        #expect(try shelf.ids().count == 7)
        _ = try shelf.sweep()
        #expect(try shelf.ids().isEmpty)
    }

    @Test func aJobThatIsTriedAgainCountsNoMore() throws {
        let shelf = try Shelf(jobs: 2)
        for id: UInt64 in 1...3 { try shelf.addEnded(id, .failed) }
        #expect(try shelf.sweep() == 1)
        try shelf.write { _ = try $0.reopen(JobID(1), at: shelf.now) }
        shelf.pass(.seconds(60))
        _ = try shelf.sweep()
        #expect(try shelf.ids() == [3, 2, 1])
        try shelf.end(1)
        shelf.pass(.seconds(60))
        _ = try shelf.sweep()
        #expect(try shelf.ids() == [3, 1])
    }

    @Test func whatIsCountedIsWhatThereIs() throws {
        let shelf = try Shelf(jobs: 20, bytes: 20_000)
        var generator = SplitMix64(seed: 7)
        for id: UInt64 in 1...200 {
            try shelf.addEnded(id, .failed, bytes: Int.random(in: 0...1000, using: &generator))
            let other = JobID(UInt64.random(in: 1...id, using: &generator))
            try shelf.write { writer in
                if Bool.random(using: &generator) {
                    _ = try? writer.remove([other])
                } else {
                    _ = try? writer.reopen(other, at: shelf.now)
                }
            }
            shelf.pass(.seconds(2))
            _ = try shelf.sweep()
        }
        let counted = try #require(try shelf.engine.writeNow { $0.ended })
        try shelf.engine.writeNow { $0.ended = nil }
        _ = try shelf.sweep()
        #expect(try shelf.engine.writeNow { $0.ended } == counted)
    }
}
