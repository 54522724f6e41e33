import CorundAPI
import Foundation
import Testing
import Varlink

@testable import CorundService

struct StoreWriterTests {
    // MARK: Submissions

    @Test func allThatIsKnownOfAJobComesBack() throws {
        let shelf = try Shelf()
        let stored = Shelf.job(7, "größe/maß") { stored in
            stored.job.arguments = RawJSON(unchecked: Array(#"{"a": [1,  2.50]}"#.utf8))
            stored.job.key = "k\u{301}'\"%\\"
            stored.job.context = "mine"
            stored.job.group = "disk; DROP TABLE jobs"
            stored.job.priority = -100
            stored.job.maxAttempts = 0
            stored.job.labels = ["a'\"\u{0}\u{1F600}": "\u{0}\n", "": ""]
            stored.job.after = ["1", "2"]
            stored.job.state = .scheduled
            stored.job.notBefore = .latest
            stored.timeoutMilliseconds = .max
        }
        #expect(try shelf.write { try $0.insert([stored]) } == [.created])
        #expect(try shelf.find(7) == stored.job)
        #expect(try shelf.states(7) == [.scheduled])
        #expect(try shelf.recover() == [WaitingJob(stored)])
    }

    @Test func argumentsAreReadWithTheStart() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.context = "mine" }
        try shelf.add(2) { $0.job.arguments = RawJSON(unchecked: Array("[ 1 ]".utf8)) }
        #expect(try shelf.start(1) == JobPayload(arguments: .emptyObject, context: "mine"))
        #expect(try shelf.start(2)?.arguments.description == "[ 1 ]")
        #expect(try shelf.start(3) == nil)
        #expect(try shelf.find(1)?.state == .running)
        #expect(try shelf.count("events") == 4, "an event of no job")
    }

    // MARK: Keys

    @Test func aKeyThatAJobHasGivesThatJob() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.key = "k" }
        let outcomes = try shelf.write { try $0.insert([Shelf.job(2), Shelf.job(3) { $0.job.key = "k" }]) }
        #expect(outcomes == [.created, .existing(JobID(1))])
        #expect(try shelf.ids() == [2, 1])
    }

    @Test(arguments: ["kind", "arguments", "request"])
    func aKeyOfSomethingElseIsRefusedAndNothingIsWritten(what: String) throws {
        let shelf = try Shelf()
        if what != "request" { try shelf.add(1) { $0.job.key = "k" } }
        let same = Shelf.job(3, what == "kind" ? "sleep" : "echo") { stored in
            stored.job.key = "k"
            if what == "arguments" { stored.job.arguments = RawJSON(unchecked: Array("[]".utf8)) }
        }
        let first = Shelf.job(2) { $0.job.key = what == "request" ? "k" : nil }
        try shelf.write { writer in
            #expect(throws: KeyConflict(index: 1)) { try writer.insert([first, same]) }
        }
        #expect(try shelf.ids() == (what == "request" ? [] : [1]))
    }

    @Test func keysAreComparedByteForByte() throws {
        let shelf = try Shelf()
        let spellings = ["\u{E9}", "e\u{301}", "E\u{301}", "k", "K", "k ", String(repeating: "k", count: 1024)]
        let jobs = spellings.enumerated().map { index, key in Shelf.job(UInt64(index + 1)) { $0.job.key = key } }
        #expect(try shelf.write { try $0.insert(jobs) }.allSatisfy { $0 == .created })
        for (index, key) in spellings.enumerated() {
            #expect(try shelf.find(UInt64(index + 1))?.key.map { Array($0.utf8) } == Array(key.utf8))
        }
    }

    @Test func aKeyIsFreeWhenItsJobIsRemoved() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.key = "k" }
        try shelf.end(1)
        #expect(try shelf.write { try $0.remove([JobID(1)]) } == 1)
        try shelf.add(2) { $0.job.key = "k" }
        #expect(try shelf.find(2)?.key == "k")
    }

    // MARK: The way of a job

    @Test func aJobsRecordFollowsItFromOneAttemptToTheNext() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.maxAttempts = 2 }
        try shelf.start(1)
        let failure = Failure(kind: "Again", message: "\u{0}?", attempt: 1)
        try shelf.write { try $0.report(Event.Progress(fraction: 0.5, note: "half"), of: JobID(1)) }
        shelf.pass(.seconds(1))
        try shelf.end(1, .scheduled) { $0.failure = failure }
        let due = Timestamp(microseconds: shelf.now.microseconds + 5)
        try shelf.write { try $0.postpone(JobID(1), until: due) }
        var job = try #require(try shelf.find(1))
        #expect((job.state, job.failure, job.notBefore, job.finishedAt) == (.scheduled, failure, due, nil))
        try shelf.write { try $0.becameDue(JobID(1), at: due) }
        try shelf.start(1, attempt: 2)
        job = try #require(try shelf.find(1))
        #expect((job.state, job.attempt, job.progress, job.progressNote) == (.running, 2, nil, nil))
        let first = Attempt(
            attempt: 1, state: .failed, failure: failure, startedAt: Workshop.noon, finishedAt: shelf.now)
        #expect(job.attempts == [first])
        shelf.pass(.seconds(1))
        try shelf.end(1, attempt: 2) { $0.result = RawJSON(unchecked: Array("[ 7 ]".utf8)) }
        job = try #require(try shelf.find(1))
        #expect((job.state, job.result?.description, job.failure) == (.succeeded, "[ 7 ]", nil))
        #expect((job.finishedAt, job.attempts) == (shelf.now, [first]))
        #expect(try shelf.states(1) == [.queued, .running, .scheduled, .queued, .running, .succeeded])
        #expect(try shelf.events(1)?.events.map(\.sequence) == Array(1...6))
    }

    @Test func ofManyAttemptsTheLastHundredAreKept() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.maxAttempts = 0 }
        for attempt in 1...130 {
            shelf.pass(.seconds(1))
            try shelf.start(1, attempt: attempt)
            try shelf.end(1, .scheduled, attempt: attempt)
        }
        #expect(try shelf.find(1)?.attempts?.map(\.attempt) == Array(31...130))
    }

    @Test func whatHappensToAJobThatIsGoneLeavesNothing() throws {
        let shelf = try Shelf()
        try shelf.end(1)
        for table in ["jobs", "events", "attempts"] { #expect(try shelf.count(table) == 0) }
    }

    @Test func aResultOfTenMegabytesComesBack() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        let result = RawJSON(unchecked: Array("\"".utf8) + [UInt8](repeating: 120, count: 10 << 20) + Array("\"".utf8))
        try shelf.end(1) { $0.result = result }
        #expect(try shelf.find(1)?.result == result)
    }

    // MARK: Events

    @Test func whatAHandlerSaysWithANulInItIsNotCutOff() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        let progress = Event.Progress(fraction: 0.5, note: "a\u{0}b")
        try shelf.write { writer in
            try writer.report(progress, of: JobID(1))
            try writer.add(StoredEvent(progress), to: JobID(1), at: shelf.now)
            try writer.add(
                StoredEvent(Event.Message(level: "in\u{0}fo", text: "c\u{0}d")), to: JobID(1), at: shelf.now)
        }
        #expect(try shelf.find(1)?.progressNote == "a\u{FFFD}b")
        let events = try #require(try shelf.events(1)).events
        #expect(events[1].progress?.note == "a\u{FFFD}b")
        #expect(events[2].message == Event.Message(level: "in\u{FFFD}fo", text: "c\u{0}d"))
    }

    @Test func trimmingKeepsTheFirstOnesAndTheLastOnesAndTheStates() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        try shelf.start(1)
        let line = StoredEvent(Event.Message(level: "info", text: String(repeating: "x", count: 1 << 16)))
        try shelf.write { writer in
            for number in 0..<400 {
                try writer.add(number == 200 ? StoredEvent(.scheduled) : line, to: JobID(1), at: shelf.now)
            }
            try writer.trimEvents(of: JobID(1))
        }
        let numbers = try shelf.numbers(1)
        #expect(Array(numbers.prefix(60)) == Array(1...60))
        #expect(Array(numbers.suffix(100)) == Array(303...402))
        #expect(numbers.contains(203), "a state was trimmed")
        #expect(numbers.count < 200)
    }

    @Test func trimmingNeverMakesANumberFreeAgain() throws {
        let shelf = try Shelf()
        try shelf.add(1)
        let huge = StoredEvent(Event.Message(level: "info", text: String(repeating: "x", count: 17 << 20)))
        try shelf.write { writer in
            for _ in 0..<3 {
                try writer.add(huge, to: JobID(1), at: shelf.now)
                try writer.trimEvents(of: JobID(1))
            }
        }
        #expect(try shelf.numbers(1) == [1, 4])
    }

    // MARK: Another attempt

    @Test func aJobThatIsReopenedWaitsAgainAndItsPastIsKept() throws {
        let shelf = try Shelf()
        try shelf.add(1) { $0.job.priority = 3 }
        try shelf.start(1)
        let failure = Failure(kind: "No", message: "no", attempt: 1)
        try shelf.end(1, .failed) { $0.failure = failure }
        shelf.pass(.seconds(9))
        let waiting = try shelf.write { try $0.reopen(JobID(1), at: shelf.now) }
        #expect((waiting.state, waiting.attempt, waiting.maxAttempts) == (.queued, 1, 2))
        #expect((waiting.priority, waiting.readyAt) == (3, shelf.now))
        let job = try #require(try shelf.find(1))
        #expect((job.state, job.failure, job.finishedAt, job.result) == (.queued, nil, nil, nil))
        #expect(job.attempts?.map(\.failure) == [failure])
        #expect(try shelf.states(1) == [.queued, .running, .failed, .queued])
    }

    @Test(arguments: JobState.allCases)
    func onlyAJobThatHasEndedWithoutSuccessIsReopened(state: JobState) throws {
        let shelf = try Shelf()
        try shelf.add(1)
        try shelf.end(1, state)
        try shelf.write { writer in
            if state.isFinal, state != .succeeded {
                _ = try writer.reopen(JobID(1), at: shelf.now)
            }
            let state = state.isFinal && state != .succeeded ? .queued : state
            #expect(throws: JobsError.invalidState(id: "1", state: state)) {
                try writer.reopen(JobID(1), at: shelf.now)
            }
            #expect(throws: JobsError.noSuchJob(id: "2")) { try writer.reopen(JobID(2), at: shelf.now) }
        }
    }

    // MARK: Oblivion

    @Test func removedJobsAreGoneWithAllThatIsTheirs() throws {
        let shelf = try Shelf()
        for id: UInt64 in 1...3 { try shelf.addEnded(id, .failed) }
        try shelf.write { _ = try $0.reopen(JobID(2), at: shelf.now) }
        try shelf.end(2)
        #expect(try shelf.write { try $0.remove([JobID(1), JobID(2), JobID(9), JobID(1)]) } == 2)
        #expect(try shelf.ids() == [3])
        #expect(try shelf.count("events") == 3)
        #expect(try shelf.count("attempts") == 0)
    }

    @Test func aJobThatHasNotEndedAmongThemAndNoneIsRemoved() throws {
        let shelf = try Shelf()
        try shelf.addEnded(1)
        try shelf.add(2)
        try shelf.write { writer in
            #expect(throws: JobsError.invalidState(id: "2", state: .queued)) {
                try writer.remove([JobID(1), JobID(2)])
            }
        }
        #expect(try shelf.ids() == [2, 1])
    }

    // MARK: Numbers and settings

    @Test func aNumberIsNeverGivenAgain() throws {
        let shelf = try Shelf()
        #expect(try shelf.write { try $0.lastID() } == JobID(0))
        try shelf.addEnded(5)
        #expect(try shelf.write { try $0.lastID() } == JobID(5))
        try shelf.write { _ = try $0.remove([JobID(5)]) }
        #expect(try shelf.write { try $0.lastID() } == JobID(5))
        try shelf.write { try $0.keepLastID(JobID(9)) }
        #expect(try shelf.write { try $0.lastID() } == JobID(9))
    }

    @Test func aSettingIsWhatItWasSetToLast() throws {
        let shelf = try Shelf()
        #expect(try shelf.write { try $0.setting("paused") } == nil)
        for value in ["yes", "no", ""] {
            try shelf.write { try $0.set("paused", to: value) }
            #expect(try shelf.write { try $0.setting("paused") } == value)
        }
    }
}

extension Shelf {
    /// The numbers of all events of a job.
    fileprivate func numbers(_ id: UInt64) throws -> [Int] {
        var numbers: [Int] = []
        while let page = try events(id, from: (numbers.last ?? 0) + 1), !page.events.isEmpty {
            numbers += page.events.map(\.sequence)
        }
        return numbers
    }
}
