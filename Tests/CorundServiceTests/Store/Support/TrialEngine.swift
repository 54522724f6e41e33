import GRDB

@testable import CorundService

/// A disk to try the store with: tables in memory whose commits are counted, can be held back, and can be made to fail.
final class TrialEngine: StoreEngine, @unchecked Sendable {
    // SAFETY: used on the test's thread alone.
    private let memory: MemoryEngine
    private let disk: Disk
    private var held: [() -> Void] = []
    private var heldReads: [UnsafeContinuation<Void, Never>] = []

    /// Sees each transaction of the database, as a disk does.
    private final class Disk: TransactionObserver {
        var failure: ResultCode?
        var tries = 0
        var commits = 0
        // The database keeps its observers.
        private unowned let database: Database
        private var changes = 0

        init(_ database: Database) {
            self.database = database
        }

        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
        func databaseDidChange(with event: DatabaseEvent) {}

        /// A transaction that writes nothing does not come to a disk.
        func databaseWillCommit() throws {
            guard database.totalChangesCount > changes else { return }
            changes = database.totalChangesCount
            tries += 1
            if let failure { throw DatabaseError(resultCode: failure) }
            commits += 1
        }

        func databaseDidCommit(_ db: Database) {}
        func databaseDidRollback(_ db: Database) {}
    }

    init(retention: Retention) throws {
        memory = try MemoryEngine(retention: retention)
        disk = try memory.writeNow { Disk($0.database) }
        try memory.writeNow { $0.database.add(transactionObserver: disk, extent: .databaseLifetime) }
    }

    /// What each commit fails with from now on; nil: with nothing.
    var failure: ResultCode? {
        get { disk.failure }
        set { disk.failure = newValue }
    }
    /// What each read fails with.
    var readFailure: ResultCode?
    /// Commits so far, and with those that failed.
    var commits: Int { disk.commits }
    var tries: Int { disk.tries }

    /// While it is set, the disk takes its time.
    var isHeld = false {
        didSet {
            guard !isHeld else { return }
            let ready = held
            held = []
            for write in ready { write() }
        }
    }

    /// While it is set, what was read is on its way.
    var isReadHeld = false {
        didSet {
            guard !isReadHeld else { return }
            let ready = heldReads
            heldReads = []
            for read in ready { read.resume() }
        }
    }

    var isDurable: Bool { true }

    func write(_ body: @escaping @Sendable (StoreWriter) -> Void, then: @escaping @Sendable () -> Void) {
        if isHeld { return held.append { [memory] in memory.write(body, then: then) } }
        memory.write(body, then: then)
    }

    func writeNow<Value>(_ body: (StoreWriter) throws -> Value) throws -> Value {
        try memory.writeNow(body)
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (StoreReader) throws -> Value) async throws -> Value {
        if let readFailure { throw DatabaseError(resultCode: readFailure) }
        let value = try await memory.read(body)
        if isReadHeld { await withUnsafeContinuation { heldReads.append($0) } }
        return value
    }

    func close(within limit: Duration) throws {
        try memory.close(within: limit)
    }
}

extension Workshop {
    /// Runs `body` with a store on a disk that can be made to fail.
    static func runOnTrial(
        _ options: Options = Options(), _ body: @escaping (Workshop, TrialEngine) async throws -> Void
    ) throws {
        nonisolated(unsafe) var engine: TrialEngine?
        try run(
            options,
            engine: { retention in
                let new = try TrialEngine(retention: retention)
                engine = new
                return new
            }
        ) { shop in
            guard let engine else { preconditionFailure("the workshop has made its engine") }
            try await body(shop, engine)
        }
    }
}
