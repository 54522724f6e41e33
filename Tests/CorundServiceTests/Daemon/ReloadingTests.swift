import CorundAPI
import CorundLoop
import Dispatch
import Synchronization
import Testing

@testable import CorundService

/// A reload is put in force as a whole or not at all, whatever happens while its files are read.
struct ReloadingTests {
    /// What a reload reads, as slowly as the test wants.
    private final class Files: Sendable {
        let settings: Mutex<Configuration>
        let gate = DispatchSemaphore(value: 0)
        let reads = Mutex(0)
        let timesInForce = Mutex(0)

        init(_ change: (inout Configuration) -> Void) {
            var configuration = Configuration()
            configuration.runningLimit = 7
            change(&configuration)
            settings = Mutex(configuration)
        }

        func read() -> DaemonSettings {
            reads.withLock { $0 += 1 }
            gate.wait()
            return DaemonSettings(configuration: settings.withLock { $0 }, registry: .builtIn) { [self] in
                timesInForce.withLock { $0 += 1 }
            }
        }

        var isInForce: Bool { timesInForce.withLock { $0 > 0 } }
        var readCount: Int { reads.withLock { $0 } }
    }

    private static func run(
        _ change: (inout Configuration) -> Void = { _ in },
        _ body: @escaping (Reception, Files, Reloading) async throws -> Void
    ) throws {
        let files = Files(change)
        try Reception.run { reception in
            try await body(reception, files, reception.makeReloading { files.read() })
        }
    }

    /// Begins a reload, and returns when its files are being read.
    private static func begin(
        _ reloading: Reloading, _ files: Files, on reception: Reception
    ) async throws -> LoopTask<ReloadResult> {
        let task = try reception.loop.spawn { try await reloading.reload() }
        while files.readCount == 0 { await Task.yield() }
        return task
    }

    @Test func itGoesOnWhenWhoeverHasAskedIsGone() throws {
        try Self.run { reception, files, reloading in
            let first = try await Self.begin(reloading, files, on: reception)
            let second = try reception.loop.spawn { try await reloading.reload() }
            await Task.yield()
            for task in [first, second] { task.cancel() }
            for _ in 0..<2 { files.gate.signal() }
            for task in [first, second] { _ = try? await task.value }
            #expect(files.timesInForce.withLock { $0 } == 2)
            #expect(reception.board.scheduler.limits.running == 7)
        }
    }

    @Test func whatIsRefusedChangesNothing() throws {
        try Self.run {
            $0.access.observeUsers = ["no-user-of-that-name"]
        } _: { reception, files, reloading in
            let task = try await Self.begin(reloading, files, on: reception)
            files.gate.signal()
            await #expect(throws: ServiceError.self) { _ = try await task.value }
            #expect(!files.isInForce)
            #expect(reception.board.scheduler.limits.running == Configuration().runningLimit)
        }
    }

    @Test func aDaemonThatBeginsToEndMeanwhileStaysAsItIs() throws {
        try Self.run { reception, files, reloading in
            let task = try await Self.begin(reloading, files, on: reception)
            reception.board.scheduler.drain()
            files.gate.signal()
            await #expect(throws: JobsError.draining) { _ = try await task.value }
            #expect(!files.isInForce)
        }
    }

    @Test func hangUpsThatComeWhileOneWaitsAskForNoOther() throws {
        try Self.run { reception, files, reloading in
            let task = try await Self.begin(reloading, files, on: reception)
            for _ in 0..<5 { reloading.begin() }
            for _ in 0..<5 { files.gate.signal() }
            _ = try await task.value
            _ = try await reloading.reload()
            #expect(files.readCount == 3, "the first, one for all hang-ups, and the last")
        }
    }
}
