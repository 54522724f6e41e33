import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct CancellationTests {
    @Test func aScheduledJobIsCancelledAtOnce() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a") { $0.delayMilliseconds = 60_000 }
            try await shop.cancel(record, .request(reason: "changed my mind"))
            #expect(record.job.state == .cancelled)
            #expect(record.job.failure?.message == "changed my mind")
            #expect(record.job.attempt == 0)
            #expect(record.job.finishedAt != nil)
            #expect(shop.board.execution(of: record.id) == nil)
            #expect(shop.scheduler.waitingCount == 0)
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func aQueuedJobIsCancelledAtOnceAndItsPlaceIsFree() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (1, 1)
        try Workshop.run(options) { shop in
            let first = try await shop.work("a")
            let second = try await shop.work("b") { $0.group = "disk" }
            #expect(shop.scheduler.groups.filter { $0.queued > 0 }.map(\.name) == ["disk"])
            try await shop.cancel(second)
            #expect(second.job.state == .cancelled)
            #expect(shop.scheduler.groups.allSatisfy { $0.queued == 0 })
            let third = try await shop.work("c")
            try await shop.end(of: [first, third])
            #expect(shop.journal.lines == ["+a", "-a", "+c", "-c"])
        }
    }

    @Test func aRunningJobIsCancelledThroughItsTask() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a", seconds: 60)
            try await shop.loop.sleep(for: .seconds(1))
            try await shop.cancel(record, .request(reason: "enough"))
            let job = try await shop.end(of: record)
            #expect(job.state == .cancelled)
            #expect(job.failure == Failure(kind: "Cancelled", message: "enough", attempt: 1))
            #expect(Workshop.seconds(job.finishedAt) == 1)
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func aJobIsCancelledBetweenItsAttempts() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("fails", #"{"failures":9}"#) { $0.maxAttempts = 5 }
            try await shop.wait(for: record) { $0.state == .scheduled }
            try await shop.cancel(record)
            #expect(record.job.state == .cancelled)
            #expect(record.job.attempt == 1)
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func aJobThatWasCancelledBeforeItsFirstStepEndsAsCancelled() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a", seconds: 60)
            try await shop.cancel(record)
            #expect(try await shop.end(of: record).state == .cancelled)
            #expect(shop.seconds == 0)
        }
    }

    @Test func theFirstCauseCounts() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("stubborn", #"{"name":"","seconds":3}"#) {
                $0.timeoutMilliseconds = 1000
            }
            try await shop.loop.sleep(for: .milliseconds(1500))
            try await shop.cancel(record, .request(reason: "too late"))
            #expect(try await shop.end(of: record).state == .timedOut)
        }
    }

    @Test func aJobThatDoesNotEndWithinTheGraceIsStuckAndKeepsItsPlace() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            let record = try await shop.submit("stubborn", #"{"name":"","seconds":20}"#)
            let next = try await shop.work("next")
            try await shop.loop.sleep(for: .seconds(1))
            try await shop.cancel(record)
            try await shop.loop.sleep(for: .milliseconds(4999))
            #expect(shop.entries.messages.isEmpty)
            try await shop.loop.sleep(for: .milliseconds(2))
            #expect(shop.entries.messages == ["job stubborn 1 was asked to end and does not"])
            #expect(shop.scheduler.runningJobs.map(\.isStuck) == [true])
            #expect(record.job.state == .running)
            #expect(next.job.state == .queued)
            try await shop.end(of: [record, next])
            #expect(record.job.state == .cancelled)
            #expect(Workshop.seconds(next.job.startedAt) == 20)
        }
    }
}
