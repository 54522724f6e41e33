import Logging

/// A log handler that puts what is logged into a ``LogQueue``.
///
/// Safe to use from any thread, none of which it holds.
struct QueuedLogHandler: LogHandler {
    /// Metadata of every event of this logger.
    var metadata: Logger.Metadata = [:]
    /// Metadata from the surroundings of each event.
    var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let threshold: LogThreshold
    private var ownLevel: Logger.Level?
    private let queue: LogQueue

    init(label: String, threshold: LogThreshold, metadataProvider: Logger.MetadataProvider?, queue: LogQueue) {
        self.label = label
        self.threshold = threshold
        self.metadataProvider = metadataProvider
        self.queue = queue
    }

    /// The level below which nothing is logged: the shared threshold's until it is set for this logger.
    var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// The metadata becomes text here, since it is to be as it is now; the rest is left to the queue's thread.
    func log(event: LogEvent) {
        guard queue.hasRoom(for: event.level) else { return }
        queue.add(
            LogRecord(
                event: event,
                metadata: LogMetadata(logger: metadata, provider: metadataProvider, event: event),
                label: label, time: .timeOfDay()))
    }
}
