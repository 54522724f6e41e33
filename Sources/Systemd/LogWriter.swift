/// Where a ``LogQueue`` writes what was logged.
///
/// Called on one thread at a time, which may be held for as long as the other side does not read.
protocol LogWriter: Sendable {
    func write(_ record: LogRecord)
}
