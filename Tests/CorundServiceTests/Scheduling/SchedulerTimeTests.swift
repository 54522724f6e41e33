import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct SchedulerTimeTests {
    @Test func aJobStartsAtOnce() throws {
        try Workshop.run { shop in
            let job = try await shop.end(of: try await shop.work("a"))
            #expect(Workshop.seconds(job.startedAt) == 0)
            #expect(Workshop.seconds(job.finishedAt) == 1)
            #expect(job.state == .succeeded)
        }
    }

    @Test func aDelayedJobStartsAtItsTimeAndNotBefore() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a") { $0.delayMilliseconds = 2500 }
            #expect(record.job.state == .scheduled)
            #expect(Workshop.seconds(record.job.notBefore) == 2.5)
            #expect(shop.scheduler.waitingCount == 1)
            let job = try await shop.end(of: record)
            #expect(Workshop.seconds(job.startedAt) == 2.5)
            #expect(shop.scheduler.waitingCount == 0)
            #expect(record.events.compactMap(\.state) == [.scheduled, .queued, .running, .succeeded])
        }
    }

    @Test func aJobMayBeGivenATimeOfDay() throws {
        try Workshop.run { shop in
            let time = Timestamp(microseconds: Workshop.noon.microseconds + 60_000_000)
            let job = try await shop.end(of: try await shop.work("a") { $0.notBefore = time })
            #expect(job.notBefore == time)
            #expect(job.startedAt == time)
        }
    }

    @Test func aTimeOfDayThatHasPassedIsNow() throws {
        try Workshop.run { shop in
            let time = Timestamp(microseconds: 0)
            let record = try await shop.work("a") { $0.notBefore = time }
            await shop.settle()
            #expect(record.job.state == .running)
            #expect(try await shop.end(of: record).notBefore == time)
        }
    }

    /// Time passes between the record's making and the job's admission; they must agree all the same.
    @Test(arguments: 1...6)
    func aTimeThatComesDuringSubmissionIsNoContradiction(milliseconds: Int64) throws {
        var options = Workshop.Options()
        options.clockTicks = true
        try Workshop.run(options) { shop in
            let time = Timestamp(microseconds: Workshop.noon.microseconds + milliseconds * 1000)
            let record = try await shop.work("a") { $0.notBefore = time }
            try await shop.end(of: record)
            let states = record.events.compactMap(\.state)
            let usual: [JobState] = [.queued, .running, .succeeded]
            #expect(states == usual || states == [.scheduled] + usual)
            #expect(shop.statistics.total(.scheduled) == states.count { $0 == .scheduled })
        }
    }

    /// A million of them must be cheap.
    @Test func allThatWaitForTheirTimeShareOneTimer() throws {
        try Workshop.run { shop in
            let jobs = (1...50 as ClosedRange<UInt64>).map { Probe($0, isDelayed: true) }
            for job in jobs {
                shop.scheduler.admit(job, due: .loopTime(shop.loop.now + .seconds(Int64(100 - job.id.number))))
            }
            #expect(shop.loop.timerCount == 1)
            #expect(shop.scheduler.waitingCount == 50)
            try await shop.loop.sleep(for: .seconds(200))
            #expect(
                jobs.allSatisfy { $0.turns == [LoopTime(nanoseconds: (100 - Int64($0.id.number)) * 1_000_000_000)] })
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func manyThatAreDueAtOnceComeAFewAtATime() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (10_000, 10_000)
        try Workshop.run(options) { shop in
            let jobs = (1...2500 as ClosedRange<UInt64>).map { Probe($0, isDelayed: true) }
            let due = shop.loop.now + .seconds(5)
            for job in jobs { shop.scheduler.admit(job, due: .loopTime(due)) }
            try await shop.loop.sleep(for: .seconds(5))
            #expect(jobs.count { $0.state != .scheduled } == Scheduler.batch)
            try await shop.loop.sleep(for: .seconds(1))
            #expect(jobs.allSatisfy { $0.turns == [due] })
        }
    }

    @Test(arguments: [(3600, 0.0), (-3600, 7200.0), (0, 3600.0)])
    func aTimeOfDayIsThatOfTheClockAsItIsSet(seconds: Int64, start: Double) throws {
        try Workshop.run { shop in
            let (timeOfDay, delay) = (Probe(1, isDelayed: true), Probe(2, isDelayed: true))
            let later = Timestamp(microseconds: Workshop.noon.microseconds + 3_600_000_000)
            shop.scheduler.admit(timeOfDay, due: .wallClock(later))
            shop.scheduler.admit(delay, due: .loopTime(shop.loop.now + .seconds(3600)))
            shop.setWallClock(by: .seconds(seconds))
            try await shop.loop.sleep(for: .seconds(10_000))
            #expect(timeOfDay.turns.map { Double($0.nanoseconds) / 1e9 } == [start])
            #expect(delay.turns == [LoopTime(nanoseconds: 3_600_000_000_000)])
        }
    }

    @Test func aJobThatRunsTooLongIsTimedOut() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a", seconds: 10) {
                $0.timeoutMilliseconds = 1500
            }
            let job = try await shop.end(of: record)
            #expect(job.state == .timedOut)
            #expect(Workshop.seconds(job.finishedAt) == 1.5)
            #expect(job.failure == Failure(kind: "TimedOut", message: "it did not end within 1500 ms", attempt: 1))
        }
    }

    @Test func theTimeInTheQueueIsNotRunningTime() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            let first = try await shop.work("a", seconds: 10)
            let second = try await shop.work("b", seconds: 1) { $0.timeoutMilliseconds = 1500 }
            try await shop.end(of: [first, second])
            #expect(second.job.state == .succeeded)
            #expect(Workshop.seconds(second.job.startedAt) == 10)
        }
    }

    @Test func nothingIsLeftOfATimeoutThatDidNotCome() throws {
        try Workshop.run { shop in
            try await shop.end(of: try await shop.work("a") { $0.timeoutMilliseconds = 1_000_000 })
            #expect(shop.loop.timerCount == 0)
        }
    }
}
