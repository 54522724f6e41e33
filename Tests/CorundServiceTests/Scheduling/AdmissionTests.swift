import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct AdmissionTests {
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

    /// Whose group waits keeps those of other groups from nothing that they need not wait for.
    @Test func aQueueFullOfAPausedGroupRefusesNoRunThatCanStartAtOnce() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (2, 3)
        try Workshop.run(options) { shop in
            shop.scheduler.pause("disk")
            for id in 1...3 as ClosedRange<UInt64> { shop.scheduler.admit(Probe(id, group: "disk")) }
            #expect(shop.scheduler.isFull)
            let full = JobsError.queueFull(limit: 3, retryAfterMilliseconds: 500)
            #expect(throws: full) { try shop.scheduler.checkRoom(for: 1) }
            let (kind, paused) = (Probe.kind("free"), Probe.kind("disk"))
            #expect(throws: full) { try shop.scheduler.checkRoom(forRunOf: paused) }
            for id in 4...5 as ClosedRange<UInt64> {
                try shop.scheduler.checkRoom(forRunOf: kind)
                let run = Probe(id, kind: kind)
                shop.scheduler.admit(run)
                #expect(run.state == .running)
            }
            #expect(throws: full) { try shop.scheduler.checkRoom(forRunOf: kind) }
            shop.scheduler.drain()
            #expect(throws: JobsError.draining) { try shop.scheduler.checkRoom(forRunOf: kind) }
            shop.scheduler.interruptWaiting()
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
}
