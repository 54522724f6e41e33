import CorundAPI
import Testing
import Varlink

@testable import CorundService

struct StoreReaderTests {
    // MARK: One job

    @Test func aJobThatNobodyHasIsNone() throws {
        let shelf = try Shelf()
        #expect(try shelf.find(1) == nil)
        #expect(try shelf.find(.max) == nil)
        #expect(try shelf.events(1) == nil)
    }

    @Test func keysAreKnownWhenAllAre() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.key = "a" }
        try shelf.add(2) { $0.job.key = "b" }
        for (keys, areKnown) in [(["a"], true), (["a", "b", "a"], true), (["a", "c"], false), ([], true)] {
            #expect(try shelf.read { try $0.knows(keys, of: 1000) } == areKnown)
        }
    }

    // MARK: Events

    @Test func eventsAreGivenFromANumberOnAndSayWhetherMoreCome() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        try shelf.start(1)
        var page = try #require(try shelf.events(1, from: 2))
        #expect((page.events.map(\.sequence), page.hasEnded, page.lastState) == ([2], false, 2))
        try shelf.write {
            try $0.add(StoredEvent(Event.Message(level: "info", text: "?")), to: JobID(1), at: shelf.now)
        }
        try shelf.end(1)
        page = try #require(try shelf.events(1, from: 9))
        #expect((page.events, page.hasEnded, page.lastState) == ([], true, 4))
        #expect(try shelf.events(1, from: .min)?.events.count == 4)
    }

    @Test func eachKindOfEventComesBack() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        let (progress, message) = (Event.Progress(fraction: 0.25, note: nil), Event.Message(level: "debug", text: "ü"))
        let outputs = ["stdout", "stderr"].map { Event.Output(stream: $0, base64: "AAE=") }
        try shelf.write { writer in
            let events = [StoredEvent(progress), StoredEvent(message)] + outputs.map { StoredEvent($0) }
            for event in events { try writer.add(event, to: JobID(1), at: shelf.now) }
        }
        let events = try #require(try shelf.events(1)).events
        #expect(events.map(\.state) == [.queued, nil, nil, nil, nil])
        #expect(events.map(\.progress) == [nil, progress, nil, nil, nil])
        #expect(events.map(\.message) == [nil, nil, message, nil, nil])
        #expect(events.map(\.output) == [nil, nil, nil] + outputs)
        #expect(events.allSatisfy { $0.at == shelf.now && $0.id == "1" })
    }

    @Test(arguments: [(size: 10, count: 1000), (size: 1 << 16, count: 4)])
    func aPageOfEventsIsBoundedByNumberAndBytes(size: Int, count: Int) throws {
        let shelf = try Shelf()
        try shelf.add(1)
        let line = StoredEvent(Event.Message(level: "info", text: String(repeating: "x", count: size)))
        try shelf.write { writer in
            for _ in 0..<1500 { try writer.add(line, to: JobID(1), at: shelf.now) }
        }
        let page = try #require(try shelf.events(1, from: 2))
        #expect(page.events.map(\.sequence) == Array(2...count + 1))
        #expect(try shelf.events(1, from: count + 2)?.events.first?.sequence == count + 2)
    }

    // MARK: Pages

    @Test func pagesGoFromTheYoungestToTheOldest() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...10 { try shelf.add(id) }
        var filter = JobFilter()
        var seen: [String] = []
        while true {
            let page = try shelf.page(filter, limit: 4)
            seen += page.jobs.map(\.id)
            filter.before = page.jobs.last?.id
            guard page.hasMore else { break }
        }
        #expect(seen == (1...10).reversed().map(String.init))
    }

    @Test func theLastPageSaysThatThereIsNoMore() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...4 { try shelf.add(id) { $0.job.labels = ["a": "b"] } }
        for label in [nil, "a"] {
            var filter = JobFilter()
            filter.label = label
            #expect(try shelf.page(filter, limit: 4).hasMore == false)
            #expect(try shelf.page(filter, limit: 3).hasMore)
        }
    }

    @Test func aPageGoesOnWhereTheJobBeforeItIsForgottenAndNewOnesCome() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...6 { try shelf.addEnded(id) }
        #expect(try shelf.ids(limit: 3) == [6, 5, 4])
        try shelf.write { _ = try $0.remove([JobID(4), JobID(2)]) }
        try shelf.add(7)
        var filter = JobFilter()
        filter.before = "4"
        #expect(try shelf.ids(filter) == [3, 1])
    }

    /// Others read in between: a label that few jobs have may be looked for among millions.
    @Test func aLabelIsLookedForAThousandJobsAtATime() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...2500 { try shelf.add(id) { if [3, 2400].contains(id) { $0.job.labels = ["a": "b"] } } }
        var filter = JobFilter()
        filter.label = "a"
        var page = JobPage()
        var steps: [(cut: UInt64?, found: [String])] = []
        repeat {
            page = try shelf.read { try $0.extend(page, filter, limit: 10) }
            steps.append((page.cut?.number, page.jobs.map(\.id)))
        } while page.cut != nil
        #expect(steps.map(\.cut) == [1501, 501, nil])
        #expect(steps.map(\.found) == [["2400"], ["2400"], ["2400", "3"]])
        #expect(!page.hasMore)
    }

    @Test func aPageThatIsFullInTheMiddleOfALookSaysWhetherThereIsMore() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...1500 { try shelf.add(id) { if [1, 1400].contains(id) { $0.job.labels = ["a": "b"] } } }
        var filter = JobFilter()
        filter.label = "a"
        let first = try shelf.page(filter, limit: 1)
        #expect(first.jobs.map(\.id) == ["1400"] && first.hasMore)
        filter.before = "1400"
        let second = try shelf.page(filter, limit: 1)
        #expect(second.jobs.map(\.id) == ["1"] && !second.hasMore)
    }

    @Test func aPageIsBoundedByBytes() throws {
        let shelf = try Shelf()
        let large = RawJSON(unchecked: Array("\"\(String(repeating: "x", count: 300_000))\"".utf8))
        for id: UInt64 in 1...10 { try shelf.add(id) { $0.job.arguments = large } }
        let page = try shelf.page(JobFilter(), limit: 10)
        #expect(page.jobs.map(\.id) == ["10", "9", "8", "7"])
        #expect(page.hasMore)
    }

    /// Whatever a submitter or a handler can make long counts.
    @Test(
        arguments: [
            { job in job.labels = Dictionary(uniqueKeysWithValues: (0..<60).map { ("\($0)", long(1024)) }) },
            { job in job.key = "\(job.id)\(long(60_000))" },
            { job in job.after = (0..<6000).map { "\(100_000_000 + $0)" } },
        ] as [@Sendable (inout Job) -> Void])
    func aPageIsBoundedByAllThatIsInIt(_ fill: @Sendable (inout Job) -> Void) throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...100 { try shelf.add(id) { fill(&$0.job) } }
        let page = try shelf.page(JobFilter(), limit: 100)
        #expect((15...25).contains(page.jobs.count))
        #expect(page.hasMore)
    }

    @Test func aPageIsBoundedByWhatHandlersSay() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...20 {
            try shelf.add(id)
            try shelf.start(id)
            try shelf.write { try $0.report(Event.Progress(fraction: 1, note: Self.long(60_000)), of: JobID(id)) }
            try shelf.end(id, .failed) { $0.failure = Failure(kind: "K", message: Self.long(60_000), attempt: 1) }
        }
        #expect((8...10).contains(try shelf.ids(limit: 20).count))
    }

    private static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test func listsLeaveOutEarlierAttempts() throws {
        let shelf = try Shelf()
        try shelf.addEnded(1, .failed)
        try shelf.write { _ = try $0.reopen(JobID(1), at: shelf.now) }
        #expect(try shelf.find(1)?.attempts?.count == 1)
        #expect(try shelf.page(JobFilter(), limit: 1).jobs.map(\.attempts) == [nil])
    }

    @Test func eachFilterLetsThroughWhatItSays() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        try shelf.add(2, "sleep") { $0.job.group = "echo" }
        try shelf.add(3) { $0.job.group = "disk' OR 1 --" }
        try shelf.add(4) { $0.job.labels = ["a": "1"] }
        try shelf.add(5) { $0.job.labels = ["a": "2=3"] }
        try shelf.addEnded(6)
        let expectations: [([UInt64], (inout JobFilter) -> Void)] = [
            ([6, 5, 4, 3, 2, 1], { _ in }), ([6], { $0.states = [.succeeded, .failed] }),
            ([5, 4, 3, 2, 1], { $0.states = [.queued] }), ([], { $0.states = [] }), ([2], { $0.job = "sleep" }),
            ([3], { $0.group = "disk' OR 1 --" }), ([5, 4], { $0.label = "a" }), ([4], { $0.label = "a=1" }),
            ([5], { $0.label = "a=2=3" }), ([], { $0.label = "a=" }), ([], { $0.label = "b" }),
            ([2, 1], { $0.before = "3" }), ([], { $0.before = "1" }),
            ([6, 5, 4, 3, 2, 1], { $0.before = "999" }), ([6, 5, 4, 3, 2, 1], { $0.before = "18446744073709551615" }),
            ([4], { ($0.label, $0.before, $0.states) = ("a", "5", [.queued]) }),
        ]
        for (ids, fill) in expectations {
            var filter = JobFilter()
            fill(&filter)
            #expect(try shelf.ids(filter) == ids, "\(filter)")
        }
    }
}
