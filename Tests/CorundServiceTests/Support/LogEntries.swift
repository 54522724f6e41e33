import Logging
import Synchronization

/// What was logged, in order.
final class LogEntries: Sendable {
    struct Entry: Sendable, Equatable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]

        init(_ level: Logger.Level, _ message: String, _ metadata: [String: String] = [:]) {
            (self.level, self.message, self.metadata) = (level, message, metadata)
        }
    }

    private let entries = Mutex<[Entry]>([])
    private let lowest = Mutex(Logger.Level.info)

    /// The lowest level that is logged.
    var level: Logger.Level {
        get { lowest.withLock { $0 } }
        set { lowest.withLock { $0 = newValue } }
    }

    var all: [Entry] { entries.withLock { $0 } }

    var messages: [String] { all.map(\.message) }

    fileprivate func add(_ entry: Entry) {
        entries.withLock { $0.append(entry) }
    }
}

/// Keeps what is logged, for a test to look at.
struct RecordingLogHandler: LogHandler {
    let entries: LogEntries
    var metadata: Logger.Metadata = [:]

    init(entries: LogEntries) {
        self.entries = entries
    }

    var logLevel: Logger.Level {
        get { entries.level }
        set { entries.level = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(\.description)
        entries.add(.init(event.level, event.message.description, all))
    }
}
