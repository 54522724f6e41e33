import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct SuccessorTests {
    private static func ids(_ jobs: [Probe]) -> [JobID] { jobs.map(\.id) }

    @Test func aJobStartsWhenAllItWaitsForHaveSucceeded() throws {
        try Workshop.run { shop in
            let job = Probe(9, group: "later")
            shop.scheduler.admit(job, due: nil, after: [JobID(1), JobID(2), JobID(1)])
            #expect(job.state == .queued)
            #expect(shop.scheduler.waitingCount == 1)
            #expect(shop.scheduler.groups.map(\.queued) == [1])
            shop.scheduler.predecessorEnded(JobID(1), .succeeded)
            #expect(job.state == .queued)
            shop.scheduler.predecessorEnded(JobID(2), .succeeded)
            #expect(job.state == .running)
            #expect(shop.scheduler.waitingCount == 0)
            try await shop.loop.sleep(for: .seconds(1))
            #expect(job.state == .succeeded)
            #expect(shop.scheduler.groups.isEmpty)
        }
    }

    @Test(arguments: [
        (JobState.failed, "job 1, which it waits for, has failed"),
        (.cancelled, "job 1, which it waits for, was cancelled"),
        (.timedOut, "job 1, which it waits for, has timed out"),
    ])
    func aJobThatWaitsInVainIsCancelledAndSaysWhy(state: JobState, reason: String) throws {
        try Workshop.run { shop in
            let (queued, scheduled) = (Probe(8), Probe(9, isDelayed: true))
            let later = DueTime.loopTime(shop.loop.now + .seconds(60))
            shop.scheduler.admit(queued, due: nil, after: [JobID(1), JobID(2)])
            shop.scheduler.admit(scheduled, due: later, after: [JobID(1)])
            shop.scheduler.predecessorEnded(JobID(1), state)
            #expect([queued, scheduled].map(\.state) == [.cancelled, .cancelled])
            #expect([queued, scheduled].map(\.cancelReason) == [reason, reason])
            #expect(shop.scheduler.waitingCount == 0)
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func anInterruptedJobIsWaitedForFurther() throws {
        try Workshop.run { shop in
            let job = Probe(9)
            shop.scheduler.admit(job, due: nil, after: [JobID(1)])
            shop.scheduler.predecessorEnded(JobID(1), .interrupted)
            #expect(job.state == .queued)
            shop.scheduler.cancel(job, .request(reason: nil))
            #expect(job.state == .cancelled)
            #expect(shop.scheduler.waitingCount == 0)
        }
    }

    @Test(arguments: [(5, 10), (10, 5)])
    func aJobWithATimeOfItsOwnWaitsForBoth(due: Int, end: Int) throws {
        try Workshop.run { shop in
            let job = Probe(9, isDelayed: true)
            shop.scheduler.admit(job, due: .loopTime(shop.loop.now + .seconds(due)), after: [JobID(1)])
            try shop.loop.callLater(.seconds(end)) { shop.scheduler.predecessorEnded(JobID(1), .succeeded) }
            try await shop.loop.sleep(for: .milliseconds(min(due, end) * 1000 + 500))
            #expect(job.state == (due < end ? .queued : .scheduled))
            #expect(shop.scheduler.waitingCount == 1)
            try await shop.loop.sleep(for: .seconds(10))
            #expect(job.turns == [LoopTime(nanoseconds: 10_000_000_000)])
        }
    }

    /// Each end is what the next one waits for: this must neither recurse nor take the whole loop.
    @Test(arguments: [JobState.succeeded, .failed])
    func aLongChainIsWorkedOffLinkByLink(state: JobState) throws {
        var options = Workshop.Options()
        options.waiting = 100_000
        try Workshop.run(options) { shop in
            let links = (2...20_000 as ClosedRange<UInt64>).map { Link($0, shop.scheduler) }
            for link in links { shop.scheduler.admit(link, due: nil, after: [JobID(link.id.number - 1)]) }
            shop.scheduler.predecessorEnded(JobID(1), state)
            while let last = links.last, !last.machine.hasEnded { await Task.yield() }
            let expected: JobState = state == .succeeded ? .succeeded : .cancelled
            #expect(links.allSatisfy { $0.machine.state == expected })
            #expect(shop.scheduler.waitingCount == 0)
        }
    }

    /// Tells the scheduler of its end, as the board does.
    private final class Link: JobExecution, @unchecked Sendable {
        // SAFETY: as its superclass.
        private let scheduler: Scheduler

        init(_ id: UInt64, _ scheduler: Scheduler) {
            self.scheduler = scheduler
            super.init(
                id: JobID(id), kind: Probe.kind(), arguments: .emptyObject, context: .shared, group: nil, priority: 0,
                timeoutMilliseconds: nil, machine: JobMachine(isDelayed: false, maxAttempts: 1))
        }

        override func didEnd(_ action: JobMachine.Action, _ outcome: JobOutcome, pause: Duration) {
            scheduler.predecessorEnded(id, machine.state)
        }
    }

    @Test func manySuccessorsOfOneJobComeAFewAtATime() throws {
        var options = Workshop.Options()
        (options.running, options.waiting) = (100_000, 100_000)
        try Workshop.run(options) { shop in
            let jobs = (2...5001 as ClosedRange<UInt64>).map { Probe($0) }
            for job in jobs { shop.scheduler.admit(job, due: nil, after: [JobID(1)]) }
            shop.scheduler.predecessorEnded(JobID(1), .succeeded)
            #expect(jobs.count { $0.state == .running } == Scheduler.batch)
            try await shop.loop.sleep(for: .seconds(1))
            #expect(jobs.allSatisfy { $0.state == .succeeded })
        }
    }
}
