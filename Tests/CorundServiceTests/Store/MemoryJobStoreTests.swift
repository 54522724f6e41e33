import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct MemoryJobStoreTests {
    private final class Fixture {
        var time = LoopTime(nanoseconds: 0)
        private(set) var store: MemoryJobStore
        private let loop = EventLoop.virtual()

        init(retainedJobs: Int = 3, retention: Duration = .seconds(60)) {
            let clock = Clock()
            store = MemoryJobStore(retainedJobs: retainedJobs, retention: retention) { clock.time() }
            clock.time = { [unowned self] in time }
        }

        private final class Clock {
            var time: () -> LoopTime = { LoopTime(nanoseconds: 0) }
        }

        @discardableResult
        func add(_ fill: (inout Job) -> Void = { _ in }) -> JobRecord {
            let id = store.nextID()
            var job = Job(
                id: id.description, job: "echo", state: .queued, arguments: nil, attempt: 0, maxAttempts: 1,
                context: "shared", group: "echo", priority: 0, labels: [:], ownerUID: 0, submittedAt: Workshop.noon)
            fill(&job)
            let record = JobRecord(id: id, job: job, changed: LoopSignal(loop: loop))
            store.insert([record])
            return record
        }

        func end(_ record: JobRecord) {
            record.enter(.succeeded, at: Workshop.noon) { _ in }
            store.save(record)
        }

        func ids(_ filter: JobFilter = JobFilter(), limit: Int = 100) -> [UInt64] {
            store.page(filter, limit: limit).records.map(\.id.number)
        }
    }

    // MARK: Retention

    @Test func liveJobsAreAlwaysKept() {
        let fixture = Fixture(retainedJobs: 0, retention: .zero)
        for _ in 0..<100 { fixture.add() }
        fixture.time = fixture.time + .seconds(1_000_000)
        #expect(fixture.ids().count == 100)
    }

    @Test func theOldestEndedJobsGoWhenThereAreTooMany() {
        let fixture = Fixture(retainedJobs: 3)
        let records = (0..<5).map { _ in fixture.add() }
        for record in records.reversed() { fixture.end(record) }
        #expect(fixture.ids() == [3, 2, 1])  // 5 and 4 ended first
        #expect(fixture.store.find(JobID(5)) == nil)
    }

    @Test func endedJobsGoWhenTheyAreTooOld() {
        let fixture = Fixture(retainedJobs: 100, retention: .seconds(60))
        fixture.end(fixture.add())
        fixture.time = fixture.time + .seconds(30)
        fixture.end(fixture.add())
        fixture.time = fixture.time + .seconds(30)
        #expect(fixture.ids() == [2, 1])
        fixture.time = fixture.time + .nanoseconds(1)
        #expect(fixture.ids() == [2])
    }

    @Test func forgettingIsDoneInSmallStepsAndComesToItsEnd() {
        let fixture = Fixture(retainedJobs: 1000)
        for _ in 0..<1000 { fixture.end(fixture.add()) }
        fixture.time = fixture.time + .seconds(61)
        #expect(fixture.ids(limit: 1000).count >= 900)
        for _ in 0..<20 { _ = fixture.store.find(JobID(0)) }
        #expect(fixture.ids(limit: 1000).isEmpty)
    }

    @Test func aKeyGoesWithItsJobUnlessALaterJobHasIt() {
        let fixture = Fixture(retainedJobs: 1)
        let first = fixture.add { $0.key = "k" }
        let second = fixture.add { $0.key = "k" }
        fixture.end(first)
        fixture.end(fixture.add())
        #expect(fixture.store.find(first.id) == nil)
        #expect(fixture.store.find(key: "k") === second)
        fixture.end(second)
        fixture.end(fixture.add())
        #expect(fixture.store.find(key: "k") == nil)
    }

    // MARK: Pages

    @Test func pagesGoFromTheYoungestToTheOldest() {
        let fixture = Fixture(retainedJobs: 100)
        for _ in 0..<10 { fixture.add() }
        var filter = JobFilter()
        var seen: [UInt64] = []
        while true {
            let (records, hasMore) = fixture.store.page(filter, limit: 4)
            seen += records.map(\.id.number)
            filter.before = records.last?.id.description
            guard hasMore else { break }
        }
        #expect(seen == (1...10).reversed())
    }

    @Test func theLastPageSaysThatThereIsNoMore() {
        let fixture = Fixture()
        for _ in 0..<4 { fixture.add() }
        #expect(fixture.store.page(JobFilter(), limit: 4).hasMore == false)
        #expect(fixture.store.page(JobFilter(), limit: 3).hasMore)
    }

    @Test func aPageGoesOnWhereTheJobBeforeItIsForgotten() {
        let fixture = Fixture(retainedJobs: 0)
        let records = (0..<6).map { _ in fixture.add() }
        fixture.end(records[3])
        var filter = JobFilter()
        filter.before = "4"
        #expect(fixture.ids(filter) == [3, 2, 1])
    }

    @Test func pagesAreRightAfterManyWereForgotten() {
        let fixture = Fixture(retainedJobs: 5)
        let survivors = (0..<2000).compactMap { number -> UInt64? in
            let record = fixture.add()
            guard number % 100 != 0 else { return record.id.number }
            fixture.end(record)
            return nil
        }
        #expect(Set(fixture.ids(limit: 1000)) == Set(survivors).union(1996...2000))
        #expect(fixture.ids(limit: 1000) == fixture.ids(limit: 1000).sorted(by: >))
    }

    @Test func eachFilterLetsThroughWhatItSays() {
        let fixture = Fixture(retainedJobs: 100)
        fixture.add()
        fixture.add { $0.job = "sleep" }
        fixture.add { $0.group = "disk" }
        fixture.add { $0.labels = ["a": "1"] }
        fixture.add { $0.labels = ["a": "2=3"] }
        fixture.end(fixture.add())
        let expectations: [([UInt64], (inout JobFilter) -> Void)] = [
            ([6, 5, 4, 3, 2, 1], { _ in }), ([6], { $0.states = [.succeeded, .failed] }),
            ([5, 4, 3, 2, 1], { $0.states = [.queued] }), ([], { $0.states = [] }), ([2], { $0.job = "sleep" }),
            ([3], { $0.group = "disk" }), ([5, 4], { $0.label = "a" }), ([4], { $0.label = "a=1" }),
            ([5], { $0.label = "a=2=3" }), ([], { $0.label = "a=" }), ([], { $0.label = "b" }),
            ([2, 1], { $0.before = "3" }), ([6, 5, 4, 3, 2, 1], { $0.before = "999" }), ([], { $0.before = "1" }),
            ([4], { ($0.label, $0.before, $0.states) = ("a", "5", [.queued]) }),
        ]
        for (ids, fill) in expectations {
            var filter = JobFilter()
            fill(&filter)
            #expect(fixture.ids(filter) == ids, "\(filter)")
        }
    }
}
