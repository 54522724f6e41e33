import Glibc
public import Logging

/// A log handler that writes readable lines to standard error, for when there is no journal.
///
/// `2026-11-21T03:40:01.123Z info  corund: message key=value`: UTC, the metadata in the order of its keys. What could end
/// a line or command a terminal is escaped, so that an event is always one line, and no text can pretend to be another
/// event.
///
/// Each line is one write(2), so that lines of several threads and processes do not mix (up to `PIPE_BUF`, 4,096 bytes,
/// on a pipe). A line that standard error does not take is lost: there is nowhere left to say so. Safe to use from any
/// thread.
public struct StderrLogHandler: LogHandler {
    /// Metadata of every event of this logger.
    public var metadata: Logger.Metadata = [:]

    /// Metadata from the surroundings of each event.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let threshold: LogThreshold
    private var ownLevel: Logger.Level?
    private let descriptor: Int32
    private let now: @Sendable () -> Duration

    /// A handler for a logger.
    ///
    /// - Parameters:
    ///   - label: The label of the logger, which begins each message.
    ///   - threshold: The level below which nothing is logged, shared with other handlers.
    ///   - metadataProvider: Where metadata from the surroundings comes from.
    public init(label: String, threshold: LogThreshold, metadataProvider: Logger.MetadataProvider? = nil) {
        self.init(
            label: label, threshold: threshold, metadataProvider: metadataProvider,
            descriptor: STDERR_FILENO, now: Self.timeSinceEpoch)
    }

    init(
        label: String,
        threshold: LogThreshold,
        metadataProvider: Logger.MetadataProvider?,
        descriptor: Int32,
        now: @escaping @Sendable () -> Duration
    ) {
        self.label = label
        self.threshold = threshold
        self.metadataProvider = metadataProvider
        self.descriptor = descriptor
        self.now = now
    }

    /// The level below which nothing is logged: the shared threshold's until it is set for this logger.
    public var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    /// Metadata of every event of this logger, by key.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event as a line.
    public func log(event: LogEvent) {
        let pairs = LogMetadata(logger: metadata, provider: metadataProvider, event: event)
        write(LogLine.bytes(of: event, metadata: pairs, label: label, time: now()))
    }

    private func write(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)  // Only a full pipe or disk takes a part of a line.
        }
    }

    private static func timeSinceEpoch() -> Duration {
        var now = timespec()
        let status = clock_gettime(CLOCK_REALTIME, &now)
        precondition(status == 0, "CLOCK_REALTIME always exists on Linux")
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }
}
