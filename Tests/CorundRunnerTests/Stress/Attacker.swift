import CorundRunner
import Dispatch
import Glibc

@testable import CorundLoop

/// One thread's part: does by chance what any thread may do to a loop, until the loop is closed.
struct Attacker {
    /// What was found, and how often things went as they may.
    struct Report {
        var findings: [Finding] = []
        var ends: [Submission.End: Int] = [:]
    }

    private enum Move: CaseIterable {
        case submit, submitAndForget, cancel, await, dropGenerator, call, callAndSpawn, wake, signal
    }

    /// So many submissions that have not ended does one thread have at most.
    private static let heldLimit = 32
    /// So many more times, at most, does it go on when the loop takes no submissions any more: a close waits for each task
    /// that a callback spawns, and must be able to end.
    private static let lateBatches = 4

    private let loop: EventLoop
    private var random: SplitMix64
    private var submitted = 0
    private var held: [Submission] = []
    private var generators: [AsyncGenerator<Int, Never>] = []
    private var batchesLeft: Int?
    private var report = Report()

    private init(on loop: EventLoop, seed: UInt64) {
        self.loop = loop
        random = SplitMix64(seed: seed)
    }

    static func run(on loop: EventLoop, seed: UInt64) -> Report {
        var attacker = Attacker(on: loop, seed: seed)
        do {
            while attacker.batchesLeft != 0 { try attacker.makeBatch() }
        } catch EventLoopError.closed {
        } catch {
            attacker.report.findings.append(Finding("the loop threw \(error)"))
        }
        while !attacker.held.isEmpty { attacker.awaitEnd(of: 0) }
        return attacker.report
    }

    // MARK: Moves

    /// Some moves; then waits until the loop has seen them, so as not to bury it in work.
    ///
    /// - Throws: `EventLoopError.closed`.
    private mutating func makeBatch() throws {
        for _ in 0..<Self.heldLimit { try make(Move.allCases.randomElement(using: &random) ?? .submit) }
        let seen = DispatchSemaphore(value: 0)
        try loop.callSoonThreadSafe { [last = LastReference(seen)] in withExtendedLifetime(last) {} }
        if seen.wait(timeout: .now() + 60) == .timedOut {
            report.findings.append(Finding("a callback was neither called nor let go of"))
        }
        batchesLeft = batchesLeft.map { $0 - 1 }
    }

    private mutating func make(_ move: Move) throws {
        switch move {
        case .submit:
            if held.count >= Self.heldLimit { awaitEnd(of: 0) }
            if let submission = try submission() { held.append(submission) }
        case .submitAndForget: _ = try submission()
        case .cancel: held.randomElement(using: &random)?.cancel()
        case .await: held.indices.randomElement(using: &random).map { awaitEnd(of: $0) }
        case .dropGenerator:
            if let index = generators.indices.randomElement(using: &random) { generators.remove(at: index) }
        case .call:
            let ticket = Ticket()
            try loop.callSoonThreadSafe { ticket.noteCall() }
        case .callAndSpawn: try callAndSpawn()
        case .wake: loop.wake()
        case .signal: signalSometimes()
        }
    }

    private func callAndSpawn() throws {
        let ticket = Ticket()
        try loop.callSoonThreadSafe { [unowned loop] in
            try loop.spawn {
                ticket.noteCall()
                try await loop.sleep(for: .seconds(Int64.max))
            }
        }
    }

    private mutating func signalSometimes() {
        guard Int.random(in: 0..<20, using: &random) == 0 else { return }
        kill(getpid(), Bool.random(using: &random) ? SIGUSR1 : SIGINT)
    }

    // MARK: Submissions

    /// Nil when the loop takes no more.
    private mutating func submission() throws -> Submission? {
        guard batchesLeft == nil else { return nil }
        submitted += 1
        do {
            return try Submission(Submission.Kind.allCases.randomElement(using: &random) ?? .value, submitted, to: loop)
        } catch EventLoopError.closed {
            batchesLeft = Self.lateBatches
            return nil
        }
    }

    private mutating func awaitEnd(of index: Int) {
        let submission = held.remove(at: index)
        do {
            let (end, product) = try submission.end()
            report.ends[end, default: 0] += 1
            if let generator = product?.generator { generators.append(generator) }
        } catch {
            report.findings.append(error)
        }
    }
}

/// Signals a semaphore when it goes.
private final class LastReference: Sendable {
    private let gone: DispatchSemaphore

    init(_ gone: DispatchSemaphore) {
        self.gone = gone
    }

    deinit {
        gone.signal()
    }
}
