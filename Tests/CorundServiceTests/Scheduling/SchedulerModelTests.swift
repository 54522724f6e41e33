import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct SchedulerModelTests {
    /// Random jobs with random ends: each comes to exactly one end, and nothing is left over.
    @Test(arguments: 1...20)
    func whateverHappensNoJobIsLost(seed: UInt64) throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (3, 1000)
        try Workshop.run(options) { shop in
            var generator = SplitMix64(seed: seed)
            var records: [JobRecord] = []
            var disk = GroupSettings()
            disk.limit = 2
            disk.rate = Rate(count: 3, period: .seconds(2))
            if seed % 3 != 0 { shop.scheduler.apply(settings: ["disk": disk]) }
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
                    $0.group = number % 4 == 0 ? "disk" : nil
                    $0.timeoutMilliseconds = timeout
                    $0.context = context
                    $0.maxAttempts = seconds + 1
                }
                records.append(record)
                if number % 5 == 0 {
                    try await shop.loop.sleep(for: .milliseconds(.random(in: 0...900, using: &generator)))
                    if seed % 3 != 1 {
                        let group = [nil, "disk", "work"].randomElement(using: &generator) ?? nil
                        if Bool.random(using: &generator) {
                            shop.scheduler.pause(group)
                        } else {
                            shop.scheduler.resume(group)
                        }
                    }
                    let victim = try #require(records.randomElement(using: &generator))
                    if let execution = shop.board.execution(of: victim.id) { shop.scheduler.cancel(execution, .hangUp) }
                }
            }
            shop.scheduler.resume(nil)
            if seed % 2 == 0 {
                shop.scheduler.drain()
                shop.scheduler.interruptWaiting()
                shop.scheduler.interruptRunning()
            }
            try await shop.end(of: records)
            #expect(shop.scheduler.runningCount == 0)
            #expect(shop.scheduler.waitingCount == 0)
            shop.scheduler.apply(settings: [:])
            #expect(shop.scheduler.queue.groups.all.isEmpty)
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
