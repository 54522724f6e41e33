import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct JobStatisticsTests {
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
}
