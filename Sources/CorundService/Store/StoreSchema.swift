import GRDB

/// The tables of a state folder's `jobs.db`.
///
/// To change them: register another migration below the last one, never edit one that was released; raise
/// ``currentVersion``; add a file made by the last release to `Tests/CorundServiceTests/Store/Golden`, which a test opens;
/// and say in `CHANGELOG.md` that the folder cannot be given back to the release before. A file of a later version is
/// refused, not guessed at.
enum StoreSchema {
    static let currentVersion = 2

    /// Makes sure that it is a file that can be used, and reads all pages of the jobs.
    ///
    /// - Throws: ``StoreError/newerVersion(path:found:known:)``; `DatabaseError`.
    static func inspect(_ database: Database, path: String) throws {
        let found = try version(of: database)
        guard found <= currentVersion else {
            throw StoreError.newerVersion(path: path, found: found, known: currentVersion)
        }
        guard found > 0 else { return }
        _ = try Int.fetchOne(database, sql: "SELECT count(state) FROM jobs NOT INDEXED")
    }

    private static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Brings the tables to ``currentVersion``, in a transaction.
    ///
    /// - Throws: `DatabaseError`.
    static func migrate(_ database: Database) throws {
        let found = try version(of: database)
        guard found < currentVersion else { return }
        try database.inTransaction(.immediate) {
            for migration in migrations[found...] { try database.execute(sql: migration) }
            try database.execute(sql: "PRAGMA user_version = \(currentVersion)")
            return .commit
        }
    }

    private static let migrations = [version1, version2]

    /// A key is its owner's: two users may have the same one.
    private static let version2 = """
        DROP INDEX jobs_by_key;
        CREATE UNIQUE INDEX jobs_by_owner_and_key ON jobs (owner_uid, job_key) WHERE job_key IS NOT NULL;
        """

    /// Points in time are microseconds since 1970, states and policies are spelled as on the wire.
    private static let version1 = """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            job_group TEXT NOT NULL,
            priority INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL,
            crashes INTEGER NOT NULL,       -- daemons that died while it ran
            durable INTEGER NOT NULL,       -- whether it is to survive the daemon
            timeout_ms INTEGER,
            submitted_at INTEGER NOT NULL,
            ready_at INTEGER NOT NULL,      -- when it began to wait for its turn, for its place in the queue
            not_before INTEGER,
            is_delay INTEGER NOT NULL,      -- whether not_before was counted from the submission or an attempt's end
            started_at INTEGER,
            finished_at INTEGER,            -- nothing will happen to it any more, unless it is retried
            owner_uid INTEGER NOT NULL,
            context TEXT NOT NULL,
            job_key TEXT,
            predecessors TEXT,              -- a JSON array of ids, as submitted
            labels TEXT,                    -- a JSON object
            progress REAL,
            progress_note TEXT,
            failure TEXT,                   -- a JSON object
            bytes INTEGER NOT NULL,         -- what it takes, roughly
            arguments BLOB,
            result BLOB
        ) STRICT;
        CREATE UNIQUE INDEX jobs_by_key ON jobs (job_key) WHERE job_key IS NOT NULL;
        CREATE INDEX jobs_by_end ON jobs (finished_at) WHERE finished_at IS NOT NULL;

        CREATE TABLE events (
            job INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            at INTEGER NOT NULL,
            type INTEGER NOT NULL,          -- StoredEvent.Kind
            number REAL,
            text TEXT,
            bytes BLOB,
            PRIMARY KEY (job, sequence)
        ) WITHOUT ROWID, STRICT;

        CREATE TABLE attempts (
            job INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            state TEXT NOT NULL,
            failure TEXT,                   -- a JSON object
            PRIMARY KEY (job, started_at)
        ) WITHOUT ROWID, STRICT;

        CREATE TABLE settings (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID, STRICT;
        """
}
