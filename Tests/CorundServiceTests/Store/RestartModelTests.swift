import CorundAPI
import CorundLoop
import GRDB
import Testing
import Varlink

@testable import CorundService

/// What daemons after one another make of the same jobs, when each is killed at some moment but the last.
struct RestartModelTests {
    @Test(arguments: UInt64(1)...30)
    func whateverDiesEachJobComesToItsOneEnd(seed: UInt64) throws {
        let model = try RestartModel(seed: seed)
        for _ in 0..<4 { try model.live(isLast: false) }
        try model.live(isLast: true)
        #expect(!model.submissions.isEmpty)
    }
}

/// Jobs that wait for each other, and are of kinds that come and go.
///
/// Confined to the test's loops, which run one after another.
private final class RestartModel: @unchecked Sendable {
    private var generator: SplitMix64
    /// What a killed daemon has left on disk.
    private var disk: MemoryEngine
    /// Those that were acknowledged.
    private(set) var submissions: [(id: JobID, submission: Submission)] = []
    private var begins: [JobID: Int] = [:]
    /// That of the daemon that lives.
    private var trial: TrialEngine?
    /// Whether the daemon has been killed, which goes on here, and is not looked at any more.
    private var isDead = false

    private struct Arguments: Codable {
        let milliseconds: Int
    }

    init(seed: UInt64) throws {
        generator = SplitMix64(seed: seed)
        disk = try MemoryEngine(retention: Shelf.generous)
    }

    private func draw(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }

    // MARK: One life

    func live(isLast: Bool) throws {
        isDead = false
        try Workshop.run(
            kinds: { [self] registry, _ in register(in: &registry, without: isLast ? nil : kindOrNone()) },
            engine: { [self] retention in
                let engine = try TrialEngine(retention: retention)
                try disk.copy(to: engine)
                trial = engine
                return engine
            }
        ) { [self] shop in
            let trial = try #require(trial)
            try shop.board.recover(crashLimit: 100)
            if isLast { try await settle(shop) } else { try await work(shop, trial) }
            // What comes after is a graceful end; it is too late for what is on disk.
            isDead = true
            trial.isHeld = false
            shop.scheduler.drain()
            shop.scheduler.interruptWaiting()
            shop.scheduler.interruptRunning()
            try await shop.loop.sleep(for: .seconds(60))
            await shop.board.close(within: .seconds(1))
        }
        trial = nil
    }

    /// Submits and reloads, on a disk that takes its time, until the daemon is killed.
    private func work(_ shop: Workshop, _ trial: TrialEngine) async throws {
        nonisolated(unsafe) let shop = shop
        for _ in 0..<draw(5...25) {
            switch draw(0...9) {
            case 0: trial.isHeld.toggle()
            case 1:
                var registry = JobRegistry()
                register(in: &registry, without: kindOrNone())
                shop.board.replaceKinds(with: registry)
            case 2: try await shop.loop.sleep(for: .milliseconds(draw(0...3000)))
            default:
                let submission = try submission()
                try shop.loop.spawn { [self] in
                    let result = try? await shop.board.submit(submission, from: Workshop.principal)
                    guard !isDead, let id = result.flatMap({ JobID($0.id) }) else { return }
                    submissions.append((id, submission))
                }
            }
            for _ in 0..<draw(0...4) { await Task.yield() }
        }
        disk = try MemoryEngine(retention: Shelf.generous)
        try trial.copy(to: disk)
    }

    private func submission() throws -> Submission {
        let policy = CrashPolicy.allCases[draw(0...2)]
        var submission = Submission(
            job: Self.name(policy), arguments: try RawJSON(encoding: Arguments(milliseconds: draw(0...2) * 1000)))
        submission.after = (0..<draw(0...2)).compactMap { _ in
            submissions.suffix(5).randomElement(using: &generator)?.id.description
        }
        submission.priority = draw(-1...1)
        return submission
    }

    // MARK: Kinds

    private static func name(_ policy: CrashPolicy) -> String { "on-\(policy)" }

    private func kindOrNone() -> CrashPolicy? { draw(0...1) == 0 ? nil : CrashPolicy.allCases[draw(0...2)] }

    private func register(in registry: inout JobRegistry, without gone: CrashPolicy?) {
        for policy in CrashPolicy.allCases where policy != gone {
            var options = KindOptions()
            options.crashPolicy = policy
            registry.register(Self.name(policy), options) { [self] (arguments: Arguments, job) in
                if !isDead { begin(try JobBoard.number(job.id)) }
                try await EventLoop.running?.sleep(for: .milliseconds(arguments.milliseconds))
            }
        }
    }

    private func begin(_ id: JobID) {
        begins[id, default: 0] += 1
        #expect(predecessors(of: id).allSatisfy { $0.state == .succeeded }, "job \(id) has begun too early")
    }

    /// As they are recorded.
    private func predecessors(of id: JobID) -> [Job] {
        (job(id)?.after ?? []).compactMap { JobID($0) }.compactMap(job)
    }

    private func job(_ id: JobID) -> Job? {
        trial.map { JobRecord(id, $0).job }
    }

    // MARK: The last life

    /// Lets everything come to its end; what is held is retried, as an operator would.
    private func settle(_ shop: Workshop) async throws {
        var held: [JobID] = []
        repeat {
            for id in held { try await shop.board.retry(id, for: Workshop.principal) }
            try await shop.loop.sleep(for: .seconds(600))
            held = submissions.map(\.id).filter { job($0)?.state == .interrupted }
        } while !held.isEmpty
        #expect(shop.board.live.values.map(\.label) == [], "they wait for ever")
        for (id, submission) in submissions { check(id, submission) }
    }

    private func check(_ id: JobID, _ submission: Submission) {
        let (state, count) = (job(id)?.state, begins[id, default: 0])
        if predecessors(of: id).contains(where: { $0.state != .succeeded }) {
            #expect((state, count) == (.cancelled, 0), "job \(id) waits in vain")
        } else if submission.job == Self.name(.fail) {
            #expect(state == .succeeded || state == .failed, "job \(id)")
            #expect(count <= 1, "job \(id) must not be begun twice")
        } else {
            #expect(state == .succeeded && count > 0, "job \(id)")
        }
    }
}

extension StoreEngine {
    /// What is committed.
    fileprivate func copy(to other: any StoreEngine) throws {
        try writeNow { from in try other.writeNow { to in try from.database.backup(to: to.database) } }
    }
}
