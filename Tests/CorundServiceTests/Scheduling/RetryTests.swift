import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct RetryTests {
    @Test func aFailedJobIsTriedAgainAfterAPauseThatGrows() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("fails", #"{"failures":3}"#) { $0.maxAttempts = 5 }
            let job = try await shop.end(of: record)
            #expect(job.state == .succeeded)
            #expect(job.attempt == 4)
            #expect(job.failure == nil)
            #expect(job.attempts?.map(\.state) == [.failed, .failed, .failed])
            #expect(job.attempts?.last?.failure == Failure(kind: "Again", message: "3", attempt: 3))
            let cycle: [JobState] = [.running, .scheduled, .queued]
            #expect(
                record.events.compactMap(\.state) == [.queued] + cycle + cycle + cycle + [.running, .succeeded])
            let starts = record.events.filter { $0.state == .running }.compactMap { Workshop.seconds($0.at) }
            for (attempt, (before, after)) in zip(starts, starts.dropFirst()).enumerated() {
                let step = Double(1 << attempt)
                #expect((step / 2...step).contains(after - before))
            }
        }
    }

    @Test func aJobFailsWhenItsAttemptsAreUsedUp() throws {
        try Workshop.run { shop in
            let job = try await shop.end(of: try await shop.submit("fails", #"{"failures":9}"#) { $0.maxAttempts = 3 })
            #expect(job.state == .failed)
            #expect(job.attempt == 3)
            #expect(job.maxAttempts == 3)
        }
    }

    @Test func anAttemptThatRunsTooLongIsFollowedByTheNext() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a", seconds: 10) {
                $0.timeoutMilliseconds = 1500
                $0.maxAttempts = 2
            }
            let job = try await shop.end(of: record)
            #expect(job.state == .timedOut)
            #expect(job.failure == Failure(kind: "TimedOut", message: "it did not end within 1500 ms", attempt: 2))
            let cycle: [JobState] = [.queued, .running]
            #expect(record.events.compactMap(\.state) == cycle + [.scheduled] + cycle + [.timedOut])
            #expect(shop.journal.lines == ["+a", "-a", "+a", "-a"])
        }
    }

    @Test func aRequestEndsAJobWhoseAttemptHasTimedOutForGood() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("stubborn", #"{"name":"","seconds":3}"#) {
                $0.timeoutMilliseconds = 1000
                $0.maxAttempts = 5
            }
            try await shop.loop.sleep(for: .milliseconds(1500))
            try await shop.cancel(record, .request(reason: "enough"))
            let job = try await shop.end(of: record)
            #expect(job.state == .cancelled)
            #expect(job.failure == Failure(kind: "Cancelled", message: "enough", attempt: 1))
        }
    }

    @Test func aStuckAttemptThatEndsAfterAllIsStuckNoMoreInTheNext() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("stubborn", #"{"name":"","seconds":10}"#) {
                $0.timeoutMilliseconds = 1000
                $0.maxAttempts = 2
            }
            try await shop.loop.sleep(for: .seconds(7))
            #expect(shop.scheduler.runningJobs.map(\.isStuck) == [true])
            try await shop.wait(for: record) { $0.attempt == 2 }
            #expect(shop.scheduler.runningJobs.map(\.isStuck) == [false])
            try await shop.end(of: record)
        }
    }

    @Test func theFirstAndTheLongestPauseCanBeChosen() throws {
        var options = Workshop.Options()
        options.backoff = RetryBackoff(first: .seconds(60), longest: .seconds(90))
        try Workshop.run(options) { shop in
            let record = try await shop.submit("fails", #"{"failures":3}"#) { $0.maxAttempts = 4 }
            try await shop.end(of: record)
            let starts = record.events.filter { $0.state == .running }.compactMap { Workshop.seconds($0.at) }
            let pauses = zip(starts, starts.dropFirst()).map { $1 - $0 }
            #expect((30.0...60).contains(pauses[0]))
            for pause in pauses.dropFirst() { #expect((45.0...90).contains(pause)) }
        }
    }

    @Test func withoutMoreAttemptsAFailureIsFinal() throws {
        try Workshop.run { shop in
            let job = try await shop.end(of: try await shop.submit("fail", #"{"message":"so","kind":"Planned"}"#))
            #expect(job.state == .failed)
            #expect(job.failure == Failure(kind: "Planned", message: "so", attempt: 1))
            #expect(job.finishedAt != nil)
        }
    }
}
