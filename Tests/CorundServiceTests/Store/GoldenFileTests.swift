import CorundAPI
import Foundation
import GRDB
import Testing
import Varlink

@testable import CorundService

/// What each release has written is read by all later ones.
///
/// `Golden/version-2.db` was made with
///
///     CORUND_GOLDEN_FILE=Tests/CorundServiceTests/Store/Golden/version-2.db swift test --filter theFileIsMade
///
/// and those of earlier versions by the programs of their time. Once there is a release of a version, never make its file
/// anew: make another one beside it, and add it to `versions`.
struct GoldenFileTests {
    private static let versions = Array(1...StoreSchema.currentVersion)

    private static func file(ofVersion version: Int) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Golden/version-\(version).db")
    }

    private static let wanted = ProcessInfo.processInfo.environment["CORUND_GOLDEN_FILE"]

    private static func second(_ number: Int64) -> Timestamp {
        Timestamp(microseconds: Workshop.noon.microseconds + number * 1_000_000)
    }

    // MARK: What is in it

    private static let waiting: [StoredJob] = [
        Shelf.job(1, "größe/maß") { stored in
            stored.job.arguments = RawJSON(unchecked: Array(#"{"a": [1, 2.50, "\u0000"]}"#.utf8))
            (stored.job.key, stored.job.context, stored.job.group) = ("key", "mine", "disk")
            (stored.job.priority, stored.job.maxAttempts, stored.timeoutMilliseconds) = (-7, 3, 60_000)
            stored.job.labels = ["traceparent": "00-ab-cd-01", "ü": ""]
            stored.job.after = ["2", "3"]
        },
        Shelf.job(2) { ($0.job.state, $0.job.notBefore, $0.isDelay) = (.scheduled, second(3600), true) },
        Shelf.job(3) { ($0.job.state, $0.job.notBefore, $0.isDurable) = (.scheduled, .latest, false) },
    ]

    private static let failure = {
        var failure = Failure(kind: "No", message: "no, \"never\"", attempt: 1)
        failure.status = 137
        return failure
    }()

    private static func fill(_ shelf: Shelf) throws {
        try shelf.write { _ = try $0.insert(waiting) }
        for (id, state) in [(4, .succeeded), (5, .failed), (6, .cancelled), (7, .timedOut)] as [(UInt64, JobState)] {
            try shelf.add(id)
            try shelf.start(id)
            shelf.pass(.seconds(1))
            try shelf.end(id, state) { end in
                if state == .succeeded {
                    end.result = RawJSON(unchecked: Array("[ 7 ]".utf8))
                } else {
                    end.failure = failure
                }
                end.bytes = 5
            }
        }
        try shelf.add(8)
        try shelf.start(8)
        try shelf.end(8, .interrupted, attempt: 0) { $0.finishedAt = nil }
        try shelf.add(9) { $0.job.maxAttempts = 2 }
        try shelf.start(9)
        try shelf.end(9, .scheduled) { $0.failure = failure }
        try shelf.write { try $0.postpone(JobID(9), until: second(100)) }
        try shelf.write { try $0.becameDue(JobID(9), at: second(100)) }
        try shelf.start(9, attempt: 2)
        try shelf.write { writer in
            let progress = Event.Progress(fraction: 0.25, note: "a quarter")
            try writer.report(progress, of: JobID(9))
            for event in [
                StoredEvent(progress), StoredEvent(Event.Output(stream: "stdout", base64: "AAE=")),
                StoredEvent(Event.Output(stream: "stderr", base64: "Ag==")),
                StoredEvent(Event.Message(level: "notice", text: "hello")),
            ] { try writer.add(event, to: JobID(9), at: second(101)) }
            try writer.set("paused", to: "[\"disk\"]")
            try writer.keepLastID(JobID(99))
        }
    }

    @Test(.enabled(if: wanted != nil, "only to make a file for a new version"))
    func theFileIsMade() throws {
        let folder = try StateFolder()
        try folder.open(Self.fill)
        try folder.content.write(to: URL(fileURLWithPath: try #require(Self.wanted)))
    }

    // MARK: Reading it

    /// Calls `body` with a copy of the version's file.
    private static func open(_ version: Int, _ body: (Shelf) throws -> Void) throws {
        let folder = try StateFolder()
        try folder.replaceContent(try Data(contentsOf: file(ofVersion: version)))
        try folder.open(body)
    }

    @Test(arguments: versions) func allJobsComeBack(version: Int) throws {
        try Self.open(version) { shelf in
            #expect(try shelf.ids() == [9, 8, 7, 6, 5, 4, 3, 2, 1])
            for stored in Self.waiting { #expect(try shelf.find(stored.id.number) == stored.job) }
            for (id, state) in [(4, .succeeded), (5, .failed), (6, .cancelled), (7, .timedOut)] as [(UInt64, JobState)]
            {
                let job = try #require(try shelf.find(id))
                #expect((job.state, job.attempt) == (state, 1))
                #expect(job.result?.description == (state == .succeeded ? "[ 7 ]" : nil))
                #expect(job.failure == (state == .succeeded ? nil : Self.failure))
                #expect(job.startedAt == Self.second(Int64(id) - 4))
                #expect(job.finishedAt == Self.second(Int64(id) - 3))
            }
            let running = try #require(try shelf.find(9))
            #expect(
                (running.state, running.attempt, running.progress, running.progressNote) == (
                    .running, 2, 0.25, "a quarter"
                ))
            #expect(
                running.attempts == [
                    Attempt(
                        attempt: 1, state: .failed, failure: Self.failure, startedAt: Self.second(4),
                        finishedAt: Self.second(4))
                ])
        }
    }

    @Test(arguments: versions) func allEventsComeBack(version: Int) throws {
        try Self.open(version) { shelf in
            let events = try #require(try shelf.events(9)).events
            #expect(events.map(\.sequence) == Array(1...9))
            #expect(events.compactMap(\.state) == [.queued, .running, .scheduled, .queued, .running])
            #expect(events[5].progress == Event.Progress(fraction: 0.25, note: "a quarter"))
            #expect(events[6].output == Event.Output(stream: "stdout", base64: "AAE="))
            #expect(events[7].output == Event.Output(stream: "stderr", base64: "Ag=="))
            #expect(events[8].message == Event.Message(level: "notice", text: "hello"))
            #expect(events[8].at == Self.second(101))
        }
    }

    @Test(arguments: versions) func whatWasLeftGoesOn(version: Int) throws {
        try Self.open(version) { shelf in
            #expect(try shelf.write { try $0.lastID() } == JobID(99))
            #expect(try shelf.write { try $0.setting("paused") } == "[\"disk\"]")
            let waiting = try shelf.recover()
            #expect(waiting.map(\.id.number) == [2, 8, 9, 1])
            #expect(waiting[0] == WaitingJob(Self.waiting[1]))
            #expect(waiting[3] == WaitingJob(Self.waiting[0]))
            #expect(waiting.map(\.crashes) == [0, 0, 1, 0])
            #expect(waiting.map(\.attempt) == [0, 0, 2, 0])
            #expect(try shelf.read { try $0.knows(["key"], of: 1000) })
            try shelf.add(100)
            #expect(try shelf.find(100)?.state == .queued)
        }
    }

    @Test(arguments: versions) func aKeyIsItsOwnersAlone(version: Int) throws {
        try Self.open(version) { shelf in
            for (id, owner, outcome) in [
                (100, 1000, .existing(JobID(1))), (101, 1001, .created), (102, 1001, .existing(JobID(101))),
            ] as [(UInt64, Int, StoreWriter.Insertion)] {
                var job = Self.waiting[0]
                (job.id, job.job.id, job.job.ownerUID) = (JobID(id), String(id), owner)
                let outcomes = try shelf.write { try $0.insert([job]) }
                #expect(outcomes == [outcome])
            }
        }
    }

    @Test(arguments: versions) func aFileThatWasUpgradedHasTheTablesOfAFreshOne(version: Int) throws {
        func tables(_ shelf: Shelf) throws -> [String] {
            try shelf.engine.writeNow { writer in
                try writer.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name", [])
                    .map { try $0.value(0) }
            }
        }
        try Self.open(version) { golden in
            let fresh = try StateFolder().open(tables)
            #expect(try tables(golden) == fresh, "another schema needs another version")
        }
    }
}
