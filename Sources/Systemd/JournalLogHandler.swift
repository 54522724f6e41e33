import CSystemd
import Glibc
public import Logging

/// A log handler that writes native journal entries, with the metadata as fields.
///
/// `MESSAGE`, `PRIORITY`, `SYSLOG_IDENTIFIER`, `LOGGER` (the label), `CODE_FILE`, `CODE_LINE` and `CODE_FUNC`, and a field
/// `CORUND_…` for each key of the metadata: `job`, `kind`, `attempt`, `context` and `peer_uid` become `CORUND_JOB`,
/// `CORUND_KIND`, `CORUND_ATTEMPT`, `CORUND_CONTEXT` and `CORUND_PEER_UID`, so that `journalctl CORUND_JOB=…` tells a
/// job's story.
///
/// Sends from the calling thread, by `sd_journal_sendv`, which waits when journald's queue is full. An entry that the
/// journal does not take goes to standard error as a line, with the reason. Safe to use from any thread.
public struct JournalLogHandler: LogHandler {
    /// Metadata of every event of this logger.
    public var metadata: Logger.Metadata = [:]

    /// Metadata from the surroundings of each event.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let identifier: String
    private let threshold: LogThreshold
    private var ownLevel: Logger.Level?
    private let send: @Sendable ([JournalField]) -> Int32
    private let fallback: StderrLogHandler

    /// A handler for a logger.
    ///
    /// - Parameters:
    ///   - label: The label of the logger, for `LOGGER`.
    ///   - identifier: The name of the program, for `SYSLOG_IDENTIFIER`: what `journalctl -t` selects.
    ///   - threshold: The level below which nothing is logged, shared with other handlers.
    ///   - metadataProvider: Where metadata from the surroundings comes from.
    public init(
        label: String,
        identifier: String,
        threshold: LogThreshold,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.init(
            label: label, identifier: identifier, threshold: threshold, metadataProvider: metadataProvider,
            send: Self.sendToJournal, fallback: StderrLogHandler(label: label, threshold: threshold))
    }

    init(
        label: String,
        identifier: String,
        threshold: LogThreshold,
        metadataProvider: Logger.MetadataProvider?,
        send: @escaping @Sendable ([JournalField]) -> Int32,
        fallback: StderrLogHandler
    ) {
        self.label = label
        self.identifier = identifier
        self.threshold = threshold
        self.metadataProvider = metadataProvider
        self.send = send
        self.fallback = fallback
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

    /// Writes an event to the journal.
    public func log(event: LogEvent) {
        let pairs = LogMetadata(logger: metadata, provider: metadataProvider, event: event)
        let result = send(JournalEntry.fields(of: event, metadata: pairs, label: label, identifier: identifier))
        guard result < 0 else { return }
        var handler = fallback
        handler.metadata = metadata
        handler.metadataProvider = metadataProvider
        handler[metadataKey: "journal-errno"] = .stringConvertible(-result)
        handler.log(event: event)
    }

    /// Sends the fields as one entry; libsystemd's result, negative errno on failure.
    static func sendToJournal(_ fields: [JournalField]) -> Int32 {
        var bytes: [UInt8] = []
        let ranges = fields.map { field in
            let start = bytes.count
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(UInt8(ascii: "="))
            bytes.append(contentsOf: field.value.utf8)
            return start..<bytes.count
        }
        return bytes.withUnsafeMutableBytes { buffer in
            // SAFETY: each vector lies within `buffer`, which outlives the call; sd_journal_sendv only reads it, and
            // keeps nothing. It finds line ends in values itself, and sends those in the journal's binary form.
            let vectors = ranges.map { range in
                iovec(iov_base: buffer.baseAddress.map { $0 + range.lowerBound }, iov_len: range.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count))
        }
    }
}
