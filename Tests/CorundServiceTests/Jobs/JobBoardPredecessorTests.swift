import CorundAPI
import CorundLoop
import Testing
import Varlink

@testable import CorundService

/// `after`: what the board knows of jobs that others wait for.
struct JobBoardPredecessorTests {
    @Test func aJobStartsWhenAllThatItWaitsForHaveSucceeded() throws {
        try Workshop.run { shop in
            let first = try await shop.work("a", seconds: 1)
            let second = try await shop.work("b", seconds: 3)
            let last = try await shop.work("c") { $0.after = [first, second, first].map(\.id.description) }
            #expect(last.job.state == .queued)
            let job = try await shop.end(of: last)
            #expect(job.state == .succeeded)
            #expect(Workshop.seconds(job.startedAt) == 3)
            #expect(job.after == ["1", "2", "1"])
        }
    }

    @Test func whatHasSucceededBeforeIsWaitedForNoLonger() throws {
        try Workshop.run { shop in
            let first = try await shop.work("a")
            try await shop.end(of: first)
            let job = try await shop.end(of: try await shop.work("b") { $0.after = [first.id.description] })
            #expect(job.state == .succeeded)
        }
    }

    @Test func whatHasFailedBeforeCancelsAtOnce() throws {
        try Workshop.run { shop in
            let first = try await shop.submit("fail")
            try await shop.end(of: first)
            let job = try await shop.end(of: try await shop.work("b") { $0.after = [first.id.description] })
            #expect(job.state == .cancelled)
            #expect(job.failure?.message == "job 1, which it waits for, has failed")
            #expect(shop.journal.lines.isEmpty)
        }
    }

    @Test func whatFailsLaterCancelsTheWholeChain() throws {
        try Workshop.run { shop in
            let first = try await shop.work("a", seconds: 60)
            let second = try await shop.work("b") { $0.after = [first.id.description] }
            let third = try await shop.work("c") { $0.after = [second.id.description] }
            try await shop.cancel(first)
            try await shop.end(of: [second, third])
            #expect(second.job.failure?.message == "job 1, which it waits for, was cancelled")
            #expect(third.job.failure?.message == "job 2, which it waits for, was cancelled")
        }
    }

    @Test func aJobThatNobodyKnowsCannotBeWaitedFor() throws {
        try Workshop.run { shop in
            await #expect(throws: JobsError.noSuchJob(id: "7")) {
                _ = try await shop.work("a") { $0.after = ["7"] }
            }
            await #expect(throws: JobsError.noSuchJob(id: "x")) {
                _ = try await shop.work("a") { $0.after = ["x"] }
            }
            #expect(shop.scheduler.waitingCount == 0)
        }
    }

    /// The predecessor ends while its successor is being recorded.
    @Test func anEndMeanwhileIsNotMissed() throws {
        try Workshop.run { shop in
            for delay in 0..<8 {
                let first = try await shop.work("a", seconds: 1)
                try await shop.loop.sleep(for: .seconds(1))
                for _ in 0..<delay { await Task.yield() }
                let job = try await shop.end(of: try await shop.work("b") { $0.after = [first.id.description] })
                #expect(job.state == .succeeded)
            }
        }
    }

    @Test func aSuccessorWaitsForItsTimeToo() throws {
        try Workshop.run { shop in
            let first = try await shop.work("a", seconds: 1)
            let second = try await shop.work("b") { ($0.after, $0.delayMilliseconds) = ([first.id.description], 5000) }
            let third = try await shop.work("c", seconds: 9)
            let fourth = try await shop.work("d") { ($0.after, $0.delayMilliseconds) = ([third.id.description], 5000) }
            #expect(Workshop.seconds(try await shop.end(of: second).startedAt) == 5)
            #expect(Workshop.seconds(try await shop.end(of: fourth).startedAt) == 9)
        }
    }
}
