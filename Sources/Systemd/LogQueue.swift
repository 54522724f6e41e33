import Glibc
public import Logging

/// Log events on their way to the journal or to standard error, which a thread of its own writes.
///
/// Whoever logs never waits: a journal that does not take entries, or a pipe that nobody reads, holds the thread alone.
/// What waits to be written takes 16 MiB at most, and twice that for events of the level `notice` and above, so that a
/// flood of the others leaves room for them. What is beyond is lost, and an entry says how many were.
///
/// The thread is there from the first event on, and sleeps without a timeout while there is nothing to write. Where the
/// system has none to give, what was logged waits for the next event, which asks again, or for ``finish(within:)``. Safe
/// to use from any thread.
public final class LogQueue: @unchecked Sendable {
    // SAFETY: all mutable state is read and changed with `lock` held.

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let recordArrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let allWritten = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [LogRecord] = []
    /// Bytes of what is not written.
    private var held = 0
    private var lost = 0
    private var thread = ThreadState.none
    private var isFinishing = false

    private let writer: any LogWriter
    private let limit: Int
    private let makeThread: ThreadMaker

    /// Runs a function on a new thread, and says whether there can be one.
    typealias ThreadMaker = @Sendable (@escaping @Sendable () -> Void) -> Bool

    private enum ThreadState {
        case none, writing, sleeping
    }

    /// A queue that writes to `destination`.
    ///
    /// - Parameters:
    ///   - destination: Where it writes.
    ///   - identifier: The name of the program: `SYSLOG_IDENTIFIER` in the journal, what `journalctl -t` selects.
    public convenience init(to destination: LogDestination, identifier: String) {
        switch destination {
        case .journal: self.init(writer: JournalWriter(identifier: identifier))
        case .standardError: self.init(writer: LineWriter())
        }
    }

    init(writer: any LogWriter, limit: Int = 16 << 20, makeThread: @escaping ThreadMaker = LogThread.start) {
        self.writer = writer
        self.limit = limit
        self.makeThread = makeThread
        lock.initialize(to: pthread_mutex_t())
        recordArrived.initialize(to: pthread_cond_t())
        allWritten.initialize(to: pthread_cond_t())
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(recordArrived, &attributes)
        pthread_cond_init(allWritten, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        // The thread holds the queue, so that there is none by now.
        pthread_cond_destroy(allWritten)
        pthread_cond_destroy(recordArrived)
        pthread_mutex_destroy(lock)
        allWritten.deallocate()
        recordArrived.deallocate()
        lock.deallocate()
    }

    /// A handler for a logger, for `LoggingSystem.bootstrap`; nothing process-wide is set here.
    ///
    /// - Parameters:
    ///   - label: The label of the logger.
    ///   - threshold: The level below which nothing is logged, shared by all handlers.
    ///   - metadataProvider: Where metadata from the surroundings of an event comes from.
    /// - Returns: A handler that puts what is logged into this queue.
    public func makeHandler(
        label: String, threshold: LogThreshold, metadataProvider: Logger.MetadataProvider? = nil
    ) -> any LogHandler {
        QueuedLogHandler(label: label, threshold: threshold, metadataProvider: metadataProvider, queue: self)
    }

    /// Waits until everything that was logged is written, but not for longer than `limit`, and lets the thread end.
    ///
    /// To be called before the process exits. What is logged later is written, too, if the process lives so long. Where
    /// there can be no thread, the caller's writes, for as long as that takes.
    ///
    /// - Parameter limit: How long to wait; a journal that does not take entries is not to hold the exit for ever.
    /// - Returns: Whether everything is written.
    @discardableResult
    public func finish(within limit: Duration) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, attoseconds) = (limit + .nanoseconds(deadline.tv_nsec)).components
        deadline.tv_sec += Int(seconds)
        deadline.tv_nsec = Int(attoseconds / 1_000_000_000)
        if mustWriteItself() { runThread() }
        return withLock {
            while thread != .none {
                if pthread_cond_timedwait(allWritten, lock, &deadline) == ETIMEDOUT { break }
            }
            return held == 0
        }
    }

    /// Tells the thread to end; true when there is none, and can be none, for what waits.
    private func mustWriteItself() -> Bool {
        withLock {
            isFinishing = true
            if thread != .none || !queue.isEmpty { wakeThread() }
            guard thread == .none, !queue.isEmpty else { return false }
            thread = .writing
            return true
        }
    }

    // MARK: The side that logs

    /// Whether an event may be added; one that may not is counted as lost.
    func hasRoom(for level: Logger.Level) -> Bool {
        withLock {
            if held < (level >= .notice ? 2 * limit : limit) { return true }
            lost += 1
            wakeThread()
            return false
        }
    }

    func add(_ record: LogRecord) {
        withLock {
            append(record)
            wakeThread()
        }
    }

    /// With the lock held.
    private func append(_ record: LogRecord) {
        queue.append(record)
        held += record.size
    }

    // MARK: The side that writes

    /// With the lock held.
    private func wakeThread() {
        switch thread {
        // Without one it waits: to write here could hold whoever logs for ever, and beside another thread.
        case .none: if makeThread({ self.runThread() }) { thread = .writing }
        case .sleeping: pthread_cond_signal(recordArrived)
        case .writing: break
        }
    }

    private func runThread() {
        repeat { writeBatches() } while waitForMore()
    }

    /// Waits until there is something to write; false when the thread is to end.
    private func waitForMore() -> Bool {
        withLock {
            while queue.isEmpty, lost == 0 {
                if isFinishing {
                    (thread, isFinishing) = (.none, false)
                    pthread_cond_broadcast(allWritten)
                    return false
                }
                thread = .sleeping
                pthread_cond_wait(recordArrived, lock)
                thread = .writing
            }
            return true
        }
    }

    private func writeBatches() {
        while let batch = nextBatch() {
            for record in batch {
                writer.write(record)
                withLock { held -= record.size }
            }
        }
    }

    /// What waits to be written, and after it how many were lost; nil when nothing does.
    private func nextBatch() -> [LogRecord]? {
        withLock {
            if lost > 0 {
                append(LogRecord(lost: lost))
                lost = 0
            }
            defer { queue = [] }
            return queue.isEmpty ? nil : queue
        }
    }

    private func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}

extension LogRecord {
    /// Says that so many were lost.
    fileprivate init(lost: Int) {
        let entries = lost == 1 ? "1 log entry was" : "\(lost) log entries were"
        let event = LogEvent(
            level: .warning, message: "\(entries) lost: more came than could be written",
            metadata: ["lost": "\(lost)"], source: nil, file: #fileID, function: #function, line: #line)
        self.init(
            event: event, metadata: LogMetadata(logger: [:], provider: nil, event: event), label: "corund.log",
            time: .timeOfDay())
    }
}
