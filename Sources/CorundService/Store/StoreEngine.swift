import CorundLoop
import GRDB
import Glibc
import Synchronization
import SystemPackage

/// What the store's tables are in: a file, or memory.
///
/// The seam between the store and a disk.
protocol StoreEngine: AnyObject, Sendable {
    /// Whether what is written survives the process.
    var isDurable: Bool { get }

    /// Calls `body` with the writing connection, one call after another, then `then` on any thread.
    func write(_ body: @escaping @Sendable (StoreWriter) -> Void, then: @escaping @Sendable () -> Void)

    /// As ``write(_:then:)``, and waits for it: for the daemon's beginning, when nobody else is waiting.
    ///
    /// - Throws: what `body` throws; ``StoreError`` instead of what the database does.
    func writeNow<Value>(_ body: (StoreWriter) throws -> Value) throws -> Value

    /// Calls `body` with what is committed.
    func read<Value: Sendable>(_ body: @escaping @Sendable (StoreReader) throws -> Value) async throws -> Value

    /// Lets go of the tables when what was given to it is done; what is written stays.
    ///
    /// - Throws: what the database throws; ``StoreError/hanging(path:)`` when that takes longer than `limit`. Then it goes
    ///   on where it is, and nothing is closed before it is done.
    func close(within limit: Duration) throws
}

/// A file in write-ahead-log mode: one connection writes, on a thread of its own, and others read what is committed.
final class FileEngine: StoreEngine, @unchecked Sendable {
    // SAFETY: `writer` is touched by what the writing connection runs alone, which is one thing at a time; `inspection`
    // is only kept, and the lock until the close.
    private let path: String
    private let identity: FileIdentity
    private let pool: DatabasePool
    /// What the file was looked at with, closed: to let go of it would have libdispatch start threads.
    private let inspection: DatabaseQueue
    private let retention: Retention
    private var writer: StoreWriter?
    private let writingThread: StoreThreads
    /// As many as there are connections to read with, so that none waits for one.
    private let readingThreads: StoreThreads
    private static let readers = 2
    private var lock: StateLock?

    /// Opens the file, and makes it when there is none.
    ///
    /// - Throws: ``StoreError``; ``SystemCallError`` when there can be no thread.
    init(folder: String, isFullySynchronous: Bool, retention: Retention) throws {
        lock = try StateLock(folder: folder)
        writingThread = try StoreThreads(name: "corund-write")
        readingThreads = try StoreThreads(name: "corund-read", limit: Self.readers)
        self.retention = retention
        path = "\(folder)/jobs.db"
        try Self.makeFile(path)
        identity = try FileIdentity(path: path)
        do {
            inspection = try Self.inspect(path)
            pool = try DatabasePool(path: path, configuration: Self.configuration())
            try pool.writeWithoutTransaction {
                // Not with the rest of the configuration: GRDB sets it to NORMAL when it turns the log on, after that.
                try $0.execute(sql: "PRAGMA synchronous = \(isFullySynchronous ? "FULL" : "NORMAL")")
                try StoreSchema.migrate($0)
            }
        } catch {
            throw StoreError.explained(error, path: path)
        }
    }

    /// For its owner alone; SQLite gives the files beside it the same mode.
    private static func makeFile(_ path: String) throws(StoreError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .unusable(path: path, reason: Errno.ofThisThread.description) }
        Glibc.close(file)
    }

    /// Looks at what there is before anything is written, as opening a pool does: what cannot be used stays as it is.
    ///
    /// - Returns: the connection, closed.
    private static func inspect(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        let file = try DatabaseQueue(path: path, configuration: configuration)
        try file.read { try StoreSchema.inspect($0, path: path) }
        try file.close()
        return file
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "corund-store"
        configuration.maximumReaderCount = readers
        configuration.prepareDatabase { database in
            // What SQLite puts aside for a while stays in memory. It would open a file in /var/tmp for it in the middle of a
            // transaction, which fails where clients have taken all descriptors.
            try database.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = \(checkpointPages);
                    PRAGMA journal_size_limit = \(longestLog);
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        return configuration
    }

    private typealias Configuration = GRDB.Configuration
    /// Pages of 4 KiB in the log before they are copied into the file.
    private static let checkpointPages = 4000
    private static let longestLog = 64 << 20

    var isDurable: Bool { true }

    func write(_ body: @escaping @Sendable (StoreWriter) -> Void, then: @escaping @Sendable () -> Void) {
        do {
            try writingThread.run { [self] in
                pool.writeWithoutTransaction { body(writer(of: $0)) }
                then()
            }
        } catch {
            then()
        }
    }

    func writeNow<Value>(_ body: (StoreWriter) throws -> Value) throws -> Value {
        do { return try pool.writeWithoutTransaction { try body(writer(of: $0)) } } catch {
            throw StoreError.explained(error, path: path)
        }
    }

    private func writer(of database: Database) -> StoreWriter {
        if let writer { return writer }
        let new = StoreWriter(database, retention: retention, file: identity)
        writer = new
        return new
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (StoreReader) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withUnsafeThrowingContinuation { continuation in
            do {
                try readingThreads.run { [pool] in
                    continuation.resume(with: Result { try pool.read { try body(StoreReader(database: $0)) } })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    func close(within limit: Duration) throws {
        let outcome = Mutex(Result<Void, any Error>.success(()))
        // On the writing thread, after its last write: to close a database reads and writes the disk, which may hang.
        try writingThread.run { [self] in
            readingThreads.close()
            pool.writeWithoutTransaction { _ in writer = nil }  // its statements belong to the connection
            let result = Result { try pool.close() }
            outcome.withLock { $0 = result }
        }
        guard writingThread.close(within: limit) else { throw StoreError.hanging(path: path) }
        lock = nil  // the next daemon may be one of this process
        try outcome.withLock { $0 }.get()
    }
}

/// Tables in memory: everything happens at once, on the caller's thread.
final class MemoryEngine: StoreEngine, @unchecked Sendable {
    // SAFETY: used on one thread, the loop's.
    private let queue: DatabaseQueue
    private let writer: StoreWriter

    init(retention: Retention) throws {
        queue = try DatabaseQueue()
        nonisolated(unsafe) var made: StoreWriter?
        try queue.inDatabase {
            try StoreSchema.migrate($0)
            made = StoreWriter($0, retention: retention)
        }
        guard let made else { preconditionFailure("the queue has called its block") }
        writer = made
    }

    var isDurable: Bool { false }

    func write(_ body: @escaping @Sendable (StoreWriter) -> Void, then: @escaping @Sendable () -> Void) {
        queue.inDatabase { _ in body(writer) }
        then()
    }

    func writeNow<Value>(_ body: (StoreWriter) throws -> Value) throws -> Value {
        try queue.inDatabase { _ in try body(writer) }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (StoreReader) throws -> Value) async throws -> Value {
        try queue.inDatabase { try body(StoreReader(database: $0)) }
    }

    func close(within limit: Duration) throws {
        try queue.close()
    }
}
