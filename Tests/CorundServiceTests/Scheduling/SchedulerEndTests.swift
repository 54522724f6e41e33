import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct SchedulerEndTests {
    @Test func whileItDrainsNothingIsAdmitted() throws {
        try Workshop.run { shop in
            shop.scheduler.drain()
            await #expect(throws: JobsError.draining) { _ = try await shop.work("a") }
            await #expect(throws: JobsError.draining) { _ = try await shop.submitMany([Workshop.submission("echo")]) }
        }
    }

    @Test func atTheEndWhatWaitsIsInterruptedAndWhatRunsIsLeft() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            let running = try await shop.work("a", seconds: 5)
            let queued = try await shop.work("b")
            let scheduled = try await shop.work("c") { $0.delayMilliseconds = 1000 }
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            await shop.settle()
            #expect([running, queued, scheduled].map(\.job.state) == [.running, .interrupted, .interrupted])
            #expect(queued.job.failure == nil)
            #expect(queued.job.finishedAt != nil)
            #expect(shop.scheduler.waitingCount == 0)
            try await shop.end(of: running)
            #expect(running.job.state == .succeeded)
            #expect(shop.journal.lines == ["+a", "-a"])
        }
    }

    /// What waits, in each way there is.
    private static func admitWaiting(_ shop: Workshop, survives: Bool, from id: UInt64) -> [Probe] {
        let queued = Probe(id, survives: survives)
        let grouped = Probe(id + 1, group: "paused", survives: survives)
        let delayed = Probe(id + 2, isDelayed: true, survives: survives)
        let timed = Probe(id + 3, isDelayed: true, survives: survives)
        let successor = Probe(id + 4, survives: survives)
        let delayedSuccessor = Probe(id + 5, isDelayed: true, survives: survives)
        let later = DueTime.loopTime(shop.loop.now + .seconds(60))
        shop.scheduler.admit(queued)
        shop.scheduler.admit(grouped)
        shop.scheduler.admit(delayed, due: later)
        shop.scheduler.admit(timed, due: .wallClock(.latest))
        shop.scheduler.admit(successor, due: nil, after: [JobID(1)])
        shop.scheduler.admit(delayedSuccessor, due: later, after: [JobID(1)])
        return [queued, grouped, delayed, timed, successor, delayedSuccessor]
    }

    @Test func whatSurvivesTheDaemonIsLetGoOfAndStaysAsItIs() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            let running = try await shop.work("a", seconds: 5)
            shop.scheduler.pause("paused")
            let mortal = Self.admitWaiting(shop, survives: false, from: 10)
            let durable = Self.admitWaiting(shop, survives: true, from: 20)
            let states = durable.map(\.state)
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            #expect(mortal.allSatisfy { $0.state == .interrupted && $0.ends.count == 1 })
            #expect(durable.map(\.state) == states)
            #expect(durable.allSatisfy { $0.ends.isEmpty })
            #expect(shop.scheduler.waitingCount == 0)
            #expect(shop.scheduler.groups.map(\.queued) == [0, 0])
            let late = [Probe(30), Probe(31, survives: true), Probe(32, isDelayed: true, survives: true)]
            for job in late { shop.scheduler.admit(job, due: nil) }
            #expect(late.map(\.state) == [.interrupted, .queued, .scheduled])
            #expect(shop.scheduler.waitingCount == 0)
            try await shop.end(of: running)
            #expect(running.job.state == .succeeded)
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func aJobThatSurvivesWaitsForItsNextAttemptInAnotherLife() throws {
        try Workshop.run { shop in
            let failing = RegisteredKind(
                name: "failing", options: KindOptions(), check: { _ in },
                run: { _, _ in throw JobFailure(kind: "", message: "") })
            let job = Probe(1, kind: failing, maxAttempts: 2, survives: true)
            shop.scheduler.admit(job)
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            try await shop.loop.sleep(for: .seconds(1))
            #expect(job.ends.map(\.action) == [.retry])
            #expect(job.state == .scheduled)
            #expect(shop.scheduler.runningCount == 0)
            #expect(shop.loop.timerCount == 0)
        }
    }

    /// Its turn had come.
    @Test func aJobWhoseStartIsBeingRecordedRuns() throws {
        try Workshop.run { shop in
            let job = Probe(1, startsLater: true)
            shop.scheduler.admit(job)
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            #expect(shop.scheduler.runningCount == 1)
            shop.scheduler.launch(job)
            try await shop.loop.sleep(for: .seconds(1))
            #expect(job.state == .succeeded)
        }
    }

    @Test func aJobWhoseStartIsBeingRecordedIsInterruptedWithWhatRuns() throws {
        try Workshop.run { shop in
            let job = Probe(1, startsLater: true)
            shop.scheduler.admit(job)
            shop.scheduler.drain()
            shop.scheduler.interruptRunning()
            #expect(job.state == .interrupted)
            #expect(job.attempt == 0)
            #expect(shop.scheduler.runningCount == 0)
            shop.scheduler.launch(job)
            shop.scheduler.giveUpRunning()
            try await shop.loop.sleep(for: .seconds(1))
            #expect(job.ends.count == 1)
        }
    }

    @Test func aTimedOutJobThatIsGivenUpIsInterruptedIfItMayTryAgain() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("stubborn", #"{"name":"","seconds":20}"#) {
                $0.timeoutMilliseconds = 500
                $0.maxAttempts = 2
            }
            try await shop.loop.sleep(for: .seconds(1))
            shop.scheduler.drain()
            shop.scheduler.interruptRunning()
            shop.scheduler.giveUpRunning()
            await shop.settle()
            #expect(record.job.state == .interrupted)
            #expect(record.job.attempt == 1)
            #expect(shop.scheduler.runningCount == 1)
            try await shop.loop.sleep(for: .seconds(20))
            #expect(shop.scheduler.runningCount == 0)
            #expect(record.events.compactMap(\.state) == [.queued, .running, .scheduled, .interrupted])
        }
    }

    @Test func anInterruptionCostsNoAttempt() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a", seconds: 60) { $0.maxAttempts = 2 }
            try await shop.loop.sleep(for: .seconds(1))
            #expect(record.job.attempt == 1)
            shop.scheduler.drain()
            shop.scheduler.interruptRunning()
            let job = try await shop.end(of: record)
            #expect(job.state == .interrupted)
            #expect(job.attempt == 0)
            #expect(job.failure == nil)
        }
    }

    /// A program that was told to end says that it was, in an error of its own.
    @Test(arguments: [(1, JobState.failed, 1), (2, .interrupted, 0)])
    func aJobThatAnswersTheEndWithAnErrorIsInterruptedIfItMayTryAgain(
        maxAttempts: Int, state: JobState, attempts: Int
    ) throws {
        try Workshop.run { shop in
            let record = try await shop.submit("offended") { $0.maxAttempts = maxAttempts }
            try await shop.loop.sleep(for: .seconds(1))
            shop.scheduler.drain()
            shop.scheduler.interruptRunning()
            let job = try await shop.end(of: record)
            #expect(job.state == state)
            #expect(job.attempt == attempts)
            #expect((job.failure == nil) == (state == .interrupted))
        }
    }

    @Test func aJobThatWouldBeTriedAgainIsInterruptedInstead() throws {
        try Workshop.run { shop in
            let record = try await shop.submit("fails", #"{"failures":9}"#) { $0.maxAttempts = 5 }
            shop.scheduler.drain()
            #expect(try await shop.end(of: record).state == .interrupted)
            #expect(record.job.attempt == 1)
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func aJobThatDoesNotEndIsGivenUpAndKeepsItsPlace() throws {
        try Workshop.run { shop in
            let interrupted = try await shop.submit("stubborn", #"{"name":"","seconds":20}"#)
            let cancelled = try await shop.submit("stubborn", #"{"name":"","seconds":20}"#)
            try await shop.loop.sleep(for: .seconds(1))
            try await shop.cancel(cancelled, .request(reason: "mine"))
            shop.scheduler.drain()
            shop.scheduler.interruptRunning()
            shop.scheduler.giveUpRunning()
            await shop.settle()
            #expect(interrupted.job.state == .interrupted)
            #expect(interrupted.job.attempt == 0)
            #expect(cancelled.job.state == .cancelled)
            #expect(shop.scheduler.runningCount == 2)
            try await shop.loop.sleep(for: .seconds(20))
            #expect(shop.scheduler.runningCount == 0)
            #expect(shop.statistics.total(.interrupted) == 1)
            #expect(interrupted.events.compactMap(\.state) == [.queued, .running, .interrupted])
        }
    }
}
