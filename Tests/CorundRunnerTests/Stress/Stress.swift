import CorundRunner
import Glibc
import Synchronization
import TestSupport

@testable import CorundLoop

/// A loop that opens, runs and closes again and again, through a runner, while eight threads do to it whatever they may.
final class Stress: Sendable {
    private static let attackers = 8
    private static let runsOfALoop = 3

    /// What the loop may report, by how it begins; a loop in debug mode has more to say.
    private static let reports = [
        "the error of a task was never retrieved",
        "unhandled error during Runner shutdown", "the runner's close waits for",
        "an asynchronous generator began after the loop had shut its generators down",
        "an asynchronous generator was left over at close", "a callback was left over at close",
        "a task held the event loop", "a callback held the event loop", "a timer's callback held the event loop",
    ]

    private struct State {
        var random: SplitMix64
        var report = Attacker.Report()
        var signals = 0
        var interrupts = 0
    }

    private let state: Mutex<State>

    /// - Parameter seed: settles what each thread does.
    init(seed: UInt64) {
        state = Mutex(State(random: SplitMix64(seed: seed)))
    }

    /// Goes on for `duration`, and to the end of the round that has begun then.
    ///
    /// - Returns: what must not be.
    func run(for duration: Duration) throws -> [Finding] {
        // What comes between the runs is counted; the next one gets it.
        for signal in [SIGINT, SIGUSR1] { try Signals.hold(signal) }
        onAThread { self.round() }  // makes what a process makes once
        let before = ProcessCounts()
        let deadline = ContinuousClock.now + duration
        repeat { onAThread { self.round() } } while ContinuousClock.now < deadline
        let after = ProcessCounts.settled(to: before)
        expect(after.descriptors == before.descriptors, "there are \(after); there were \(before)")
        // Of threads there may be fewer: some of the first round's may not have gone yet when they were counted.
        expect(after.threads <= before.threads, "there are \(after); there were \(before)")
        return state.withLock { state in
            for end in [Submission.End.value, .failure, .cancelled] where state.report.ends[end] == nil {
                state.report.findings.append(Finding("no submission has ended as \(end)"))
            }
            if state.signals * state.interrupts == 0 { state.report.findings.append(Finding("no signal has come")) }
            return state.report.findings
        }
    }

    /// On one that blocks no signals.
    private func onAThread(_ body: @Sendable () -> Void) {
        ForeignThread.concurrently(1) { _ in body() }
    }

    // MARK: A round

    private func round() {
        weak var closed: EventLoop?
        do {
            let runner = Runner(debug: state.withLock { Int.random(in: 0..<4, using: &$0.random) == 0 })
            let loop = try runner.loop
            closed = loop
            try attack(loop, of: runner)
            expect(loop.isClosed, "the loop is not closed")
            expect(loop.taskCount == 0, "\(loop.taskCount) tasks are left")
            expect(loop.asyncGeneratorCount == 0, "\(loop.asyncGeneratorCount) generators are left")
            expect(loop.timerCount == 0, "\(loop.timerCount) timers are left")
            expect(loop.blockingPoolCounts.threads == 0, "threads of the pool are left")
        } catch {
            expect(false, "the runner threw \(error)")
        }
        expect(closed == nil, "something keeps the closed loop alive")
        expect(Ticket.count == 0, "\(Ticket.count) closures are left")
    }

    private func attack(_ loop: EventLoop, of runner: Runner) throws {
        loop.exceptionHandler = { [self] in note($0) }
        try loop.addSignalHandler(SIGUSR1) { [self] in state.withLock { $0.signals += 1 } }
        let seeds = state.withLock { state in (0..<Self.attackers).map { _ in state.random.next() } }
        try ForeignThread.concurrently(Self.attackers) { number in
            let report = Attacker.run(on: loop, seed: seeds[number])
            state.withLock { state in
                state.report.findings += report.findings
                state.report.ends.merge(report.ends, uniquingKeysWith: +)
            }
        } while: {
            defer { try? loop.close() }  // or the threads would go on for ever
            for _ in 0..<Self.runsOfALoop { try run(runner, loop) }
            try runner.close()
        }
    }

    private func run(_ runner: Runner, _ loop: EventLoop) throws {
        do { try runner.run(handlingInterrupts: true) { try await loop.sleep(for: .milliseconds(2)) } } catch {
            guard error as? RunnerError == .interrupted else { throw error }
            state.withLock { $0.interrupts += 1 }
        }
    }

    private func note(_ report: ExceptionReport) {
        expect(Self.reports.contains(where: report.message.hasPrefix), "it was reported: \(report)")
    }

    private func expect(_ condition: Bool, _ finding: @autoclosure () -> String) {
        if !condition { state.withLock { $0.report.findings.append(Finding(finding())) } }
    }
}
