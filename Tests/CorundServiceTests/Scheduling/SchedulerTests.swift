import CorundAPI
import CorundLoop
import Testing
import Varlink

@testable import CorundService

struct SchedulerTests {
    // MARK: Time

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

    @Test func aJobThatRunsTooLongIsTimedOut() throws {
        try Workshop.run { shop in
            let record = try await shop.work("a", seconds: 10) {
                $0.timeoutMilliseconds = 1500
                $0.maxAttempts = 3
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

    // MARK: The queue

    @Test func noMoreRunThanMay() throws {
        var options = Workshop.Options()
        options.running = 3
        try Workshop.run(options) { shop in
            var records: [JobRecord] = []
            for number in 0..<10 { records.append(try await shop.work("\(number)", seconds: Double(number % 4 + 1))) }
            #expect(shop.scheduler.runningCount == 3)
            #expect(shop.scheduler.queuedCount == 7)
            try await shop.end(of: records)
            #expect(shop.journal.mostRunning == 3)
            #expect(shop.scheduler.runningCount == 0)
            #expect(shop.scheduler.runningJobs.isEmpty)
        }
    }

    @Test func higherPrioritiesRunFirstAndEqualOnesInTheirOrder() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            var records = [try await shop.work("first")]
            for (name, priority) in [("a", 0), ("b", 5), ("c", -100), ("d", 5), ("e", 100), ("f", 0), ("g", -100)] {
                records.append(try await shop.work(name) { $0.priority = priority })
            }
            try await shop.end(of: records)
            let begun = shop.journal.lines.filter { $0.hasPrefix("+") }.joined()
            #expect(begun == "+first+e+b+d+a+f+c+g")
        }
    }

    @Test func aJobThatComesWhileOthersWaitDoesNotOvertake() throws {
        var options = Workshop.Options()
        options.running = 2
        try Workshop.run(options) { shop in
            var records: [JobRecord] = []
            for name in ["a", "b", "c", "d"] { records.append(try await shop.work(name)) }
            try await shop.end(of: records[0])
            records.append(try await shop.work("e"))
            try await shop.end(of: records)
            #expect(shop.journal.lines.filter { $0.hasPrefix("+") } == ["+a", "+b", "+c", "+d", "+e"])
        }
    }

    /// Jobs that never suspend could go through the whole queue in one tick, and nobody else would get a turn.
    @Test func aLongQueueOfShortJobsLeavesOthersTheirTurn() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (1, 1000)
        try Workshop.run(options) { shop in
            let before = shop.loop.tickCount
            let ids = try await shop.submitMany(Array(repeating: Workshop.submission("count"), count: 500))
            try await shop.end(of: ids.map(shop.record))
            #expect(shop.loop.tickCount - before >= 490)
        }
    }

    // MARK: Admission

    @Test func aFullQueueRefuses() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (2, 3)
        try Workshop.run(options) { shop in
            var records: [JobRecord] = []
            for number in 0..<5 { records.append(try await shop.work("\(number)")) }
            #expect(shop.scheduler.isFull)
            let full = JobsError.queueFull(limit: 3, retryAfterMilliseconds: 500)
            await #expect(throws: full) { _ = try await shop.work("too many") }
            try await shop.end(of: records[0])
            records.append(try await shop.work("now"))
            try await shop.end(of: records)
            #expect(records.allSatisfy { $0.job.state == .succeeded })
        }
    }

    /// They wait for sure, also while there is room to run.
    @Test func delayedJobsCountAsWaiting() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (10, 3)
        try Workshop.run(options) { shop in
            var records: [JobRecord] = []
            for _ in 0..<3 { records.append(try await shop.work("later") { $0.delayMilliseconds = 1000 }) }
            let full = JobsError.queueFull(limit: 3, retryAfterMilliseconds: 500)
            await #expect(throws: full) { _ = try await shop.work("later") { $0.delayMilliseconds = 1000 } }
            records.append(try await shop.work("at once"))  // need not wait
            try await shop.end(of: records)
            #expect(records.count == 4)
        }
    }

    @Test func roomIsForWhatCanStartAndWhatCanWait() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (2, 3)
        try Workshop.run(options) { shop in
            try shop.scheduler.checkRoom(for: 5)
            try shop.scheduler.checkRoom(for: 2, delayed: 3)
            #expect(throws: JobsError.self) { try shop.scheduler.checkRoom(for: 6) }
            #expect(throws: JobsError.self) { try shop.scheduler.checkRoom(for: 0, delayed: 4) }
            #expect(throws: JobsError.self) { try shop.scheduler.checkRoom(for: 3, delayed: 3) }
        }
    }

    // MARK: Cancellation

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
            #expect(shop.scheduler.queuedByGroup == ["disk": 1])
            try await shop.cancel(second)
            #expect(second.job.state == .cancelled)
            #expect(shop.scheduler.queuedByGroup.isEmpty)
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
            let stuck = StuckJobs()
            shop.scheduler.onStuck = { stuck.labels.append($0.label) }
            let record = try await shop.submit("stubborn", #"{"name":"","seconds":20}"#)
            let next = try await shop.work("next")
            try await shop.loop.sleep(for: .seconds(1))
            try await shop.cancel(record)
            try await shop.loop.sleep(for: .milliseconds(4999))
            #expect(stuck.labels.isEmpty)
            try await shop.loop.sleep(for: .milliseconds(2))
            #expect(stuck.labels == ["stubborn 1"])
            #expect(shop.scheduler.runningJobs.map(\.isStuck) == [true])
            #expect(record.job.state == .running)
            #expect(next.job.state == .queued)
            try await shop.end(of: [record, next])
            #expect(record.job.state == .cancelled)
            #expect(Workshop.seconds(next.job.startedAt) == 20)
        }
    }

    private final class StuckJobs {
        var labels: [String] = []
    }

    // MARK: Retries

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

    @Test func withoutMoreAttemptsAFailureIsFinal() throws {
        try Workshop.run { shop in
            let job = try await shop.end(of: try await shop.submit("fail", #"{"message":"so","kind":"Planned"}"#))
            #expect(job.state == .failed)
            #expect(job.failure == Failure(kind: "Planned", message: "so", attempt: 1))
            #expect(job.finishedAt != nil)
        }
    }

    // MARK: The daemon's end

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

    // MARK: What is counted

    @Test func statisticsCountHowOftenJobsCameIntoEachState() throws {
        var options = Workshop.Options()
        options.running = 2
        try Workshop.run(options) { shop in
            let records = [
                try await shop.work("a"), try await shop.work("b", seconds: 9) { $0.timeoutMilliseconds = 2000 },
                try await shop.work("c") { $0.delayMilliseconds = 100 },
                try await shop.submit("fails", #"{"failures":1}"#) { $0.maxAttempts = 2 },
                try await shop.submit("fail"),
                try await shop.work("d"),
            ]
            try await shop.cancel(records[5])
            try await shop.end(of: records)
            let expected: [JobState: Int] = [
                .scheduled: 2, .queued: 7, .running: 6, .succeeded: 3, .failed: 1, .cancelled: 1, .timedOut: 1,
                .interrupted: 0,
            ]
            #expect(
                shop.statistics.byState
                    == Dictionary(uniqueKeysWithValues: expected.map { ($0.key.rawValue, $0.value) }))
            #expect(shop.statistics.submitToStart.summary.count == 6)
            #expect(shop.statistics.runTime.summary.count == 6)
            #expect(shop.statistics.runTime.summary.maximum >= 1_980_000)
        }
    }

    @Test func everyChangeOfStateIsTold() throws {
        try Workshop.run { shop in
            let changes = Changes()
            shop.scheduler.onStateChanged = { [unowned shop] in
                changes.seen.append("\(shop.scheduler.runningCount)/\(shop.scheduler.waitingCount)")
            }
            let record = try await shop.work("a") { $0.delayMilliseconds = 1000 }
            try await shop.end(of: record)
            #expect(changes.seen.count == 4)
            #expect(changes.seen.contains("1/0"))
            shop.scheduler.onStateChanged = nil
        }
    }

    private final class Changes {
        var seen: [String] = []
    }

    // MARK: Against a model

    /// Random jobs with random ends: each comes to exactly one end, and nothing is left over.
    @Test(arguments: 1...20)
    func whateverHappensNoJobIsLost(seed: UInt64) throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (3, 1000)
        try Workshop.run(options) { shop in
            var generator = SplitMix64(seed: seed)
            var records: [JobRecord] = []
            for number in 0..<60 {
                let kind = Int.random(in: 0..<4, using: &generator)
                let delay = Int.random(in: 0..<3, using: &generator) * 700
                let priority = Int.random(in: -2...2, using: &generator)
                let timeout = Bool.random(using: &generator) ? Int.random(in: 500...4000, using: &generator) : nil
                let context = ["shared", "isolated", "mine"].randomElement(using: &generator)
                let seconds = Int.random(in: 0...5, using: &generator)
                let (job, arguments) = [
                    ("work", #"{"name":"\#(number)","seconds":\#(seconds)}"#), ("fails", #"{"failures":\#(seconds)}"#),
                    ("stubborn", #"{"name":"","seconds":\#(seconds)}"#), ("count", "{}"),
                ][kind]
                let record = try await shop.submit(job, arguments) {
                    $0.delayMilliseconds = delay
                    $0.priority = priority
                    $0.timeoutMilliseconds = timeout
                    $0.context = context
                    $0.maxAttempts = seconds + 1
                }
                records.append(record)
                if number % 5 == 0 {
                    try await shop.loop.sleep(for: .milliseconds(.random(in: 0...900, using: &generator)))
                    let victim = try #require(records.randomElement(using: &generator))
                    if let execution = shop.board.execution(of: victim.id) { shop.scheduler.cancel(execution, .hangUp) }
                }
            }
            if seed % 2 == 0 {
                shop.scheduler.drain()
                shop.scheduler.interruptWaiting()
                shop.scheduler.interruptRunning()
            }
            try await shop.end(of: records)
            #expect(shop.scheduler.runningCount == 0)
            #expect(shop.scheduler.waitingCount == 0)
            #expect(shop.scheduler.queuedByGroup.isEmpty)
            #expect(shop.loop.timerCount == 0)
            #expect(shop.journal.mostRunning <= 3)
            let finals = JobState.allCases.filter(\.isFinal).map(shop.statistics.total).reduce(0, +)
            #expect(finals == 60)
            for record in records {
                #expect(record.events.count { $0.state?.isFinal == true } == 1)
                #expect(record.events.map(\.sequence) == Array(1...record.events.count))
                #expect(shop.board.execution(of: record.id) == nil)
            }
        }
    }
}
