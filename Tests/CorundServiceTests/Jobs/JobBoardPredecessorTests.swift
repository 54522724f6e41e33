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

    @Test func whatADeadDaemonHasFailedCancelsTheWholeChain() throws {
        var once = KindOptions()
        once.crashPolicy = .fail
        try Workshop.run(kinds: { registry, _ in registry.register("once", once) { (_: [String: Int], _) in } }) {
            shop in
            let shelf = Shelf(shop.engine)
            try shelf.add(1, "once")
            try shelf.start(1)
            for id in 2...5 as ClosedRange<UInt64> { try shelf.add(id) { $0.job.after = ["\(id - 1)"] } }
            try shop.board.recover(crashLimit: 3)
            await shop.settle()
            let states = try (1...5).map { try shop.record("\($0)").job.state }
            #expect(states == [.failed, .cancelled, .cancelled, .cancelled, .cancelled])
            #expect(try shop.record("5").job.failure?.message == "job 4, which it waits for, was cancelled")
            #expect(shop.scheduler.waitingCount == 0)
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

    /// Nobody can let it run again.
    @Test(arguments: [true, false])
    func whatIsInterruptedAndForgottenIsWaitedForNoLonger(isRemoved: Bool) throws {
        var options = Workshop.Options()
        options.retention = .seconds(100)
        try Workshop.run(options) { shop in
            let first = try await shop.work("a", seconds: 60)
            try await shop.wait(for: first) { $0.state == .running }
            shop.scheduler.cancel(try #require(shop.board.execution(of: first.id)), .daemonEnd)
            let second = try await shop.work("b") { $0.after = [first.id.description] }
            try await shop.loop.sleep(for: .seconds(1))
            try Shelf(shop.engine).write { writer in
                _ = try writer.run("UPDATE jobs SET finished_at = submitted_at WHERE id = ?", [first.id])
            }
            await shop.settle()
            #expect(second.job.state == .queued)
            if isRemoved {
                #expect(try await shop.board.remove([first.id], for: Workshop.principal) == 1)
            } else {
                shop.store.beginSweeping()
            }
            #expect(try await shop.end(of: second).failure?.message == "job 1, which it waits for, has been forgotten")
            #expect(second.job.state == .cancelled)
            #expect(shop.journal.lines == ["+a", "-a"])
        }
    }

    /// A client that has sent both at once.
    @Test(arguments: [0, 1, 2, 3])
    func whatIsRemovedMeanwhileHasNotSucceededByThat(steps: Int) throws {
        try Workshop.run { shop in
            let first = try await shop.submit("fail")
            try await shop.end(of: first)
            nonisolated(unsafe) let board = shop.board
            let removal = try shop.loop.spawn { [id = first.id] in
                for _ in 0..<steps { await Task.yield() }
                return try await board.remove([id], for: Workshop.principal)
            }
            let second = try await shop.work("b") { $0.after = [first.id.description] }
            #expect(try await shop.end(of: second).state == .cancelled)
            #expect(try await removal.value == 1)
            #expect(shop.journal.lines.isEmpty)
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
