import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct SchedulerQueueTests {
    @Test func noMoreRunThanMay() throws {
        var options = Workshop.Options()
        options.running = 3
        try Workshop.run(options) { shop in
            var records: [JobRecord] = []
            for number in 0..<10 { records.append(try await shop.work("\(number)", seconds: Double(number % 4 + 1))) }
            #expect(shop.scheduler.runningCount == 3)
            #expect(shop.scheduler.queue.count == 7)
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

    @Test func jobsOfAnEarlierLifeComeFirstInTheOrderInWhichTheyWereReady() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            let jobs = [(1, 10, 0), (2, 30, 0), (3, 20, 0), (4, 10, 1)].map { id, secondsAgo, priority in
                (
                    Probe(id, priority: priority),
                    Timestamp(microseconds: Workshop.noon.microseconds - secondsAgo * 1_000_000)
                )
            }
            shop.scheduler.gather()
            for (job, time) in jobs { shop.scheduler.admit(job, due: .wallClock(time)) }
            let new = Probe(5)
            shop.scheduler.admit(new)
            #expect(shop.scheduler.runningCount == 0)
            shop.scheduler.release()
            try await shop.loop.sleep(for: .seconds(1))
            let order = (jobs.map(\.0) + [new]).sorted { $0.ticket < $1.ticket }
            #expect(order.map(\.id.number) == [2, 3, 4, 1, 5])
        }
    }

    @Test func limitsCanBeChanged() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            let records = [try await shop.work("a"), try await shop.work("b"), try await shop.work("c")]
            var limits = shop.scheduler.limits
            (limits.running, limits.waiting) = (2, 1)
            shop.scheduler.apply(limits)
            #expect(shop.scheduler.runningCount == 2)
            #expect(shop.scheduler.isFull)
            try await shop.end(of: records)
            #expect(shop.journal.mostRunning == 2)
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
}
