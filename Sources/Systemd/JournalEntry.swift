import Logging

/// One field of a journal entry, as systemd.journal-fields(7) describes them.
struct JournalField: Hashable, Sendable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A log event as the fields of a journal entry.
///
/// Pure: nothing is sent here.
enum JournalEntry {
    /// Most fields of metadata in one entry: journald refuses entries above 1,024 fields, and `sd_journal_sendv` puts
    /// five vectors for each on the stack.
    static let metadataLimit = 128

    /// Most bytes of a field's name, as journald checks it.
    static let nameLimit = 64

    /// The fields of a record, the standard ones first and then the metadata in the order of its keys.
    static func fields(of record: LogRecord, identifier: String) -> [JournalField] {
        let event = record.event
        let standard = [
            JournalField("MESSAGE", event.message.description),
            JournalField("PRIORITY", String(priority(of: event.level))),
            JournalField("SYSLOG_IDENTIFIER", identifier),
            JournalField("LOGGER", record.label),
            JournalField("CODE_FILE", event.file),
            JournalField("CODE_LINE", String(event.line)),
            JournalField("CODE_FUNC", event.function),
        ]
        return standard
            + record.metadata.pairs.prefix(metadataLimit).map { JournalField(fieldName(ofMetadata: $0.key), $0.value) }
    }

    /// The priority of syslog(3) that stands for a level; `trace` and `debug` share the lowest.
    static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// `CORUND_` and the key in capitals, with `_` for whatever a field name may not hold: `job` is `CORUND_JOB`.
    ///
    /// The prefix keeps metadata from forging a field of the journal's own (`_UID`, `MESSAGE_ID`). Two keys may meet in
    /// one name; the journal keeps both values.
    static func fieldName(ofMetadata key: String) -> String {
        let name = key.unicodeScalars.reduce(into: "CORUND_") { name, scalar in
            switch scalar {
            case "A"..."Z", "0"..."9", "_": name.unicodeScalars.append(scalar)
            case "a"..."z": name += String(scalar).uppercased()
            default: name += "_"
            }
        }
        return String(name.prefix(nameLimit))
    }
}
