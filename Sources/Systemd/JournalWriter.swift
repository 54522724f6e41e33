import CSystemd
import Glibc

/// Writes native journal entries, with the metadata as fields.
///
/// `MESSAGE`, `PRIORITY`, `SYSLOG_IDENTIFIER`, `LOGGER` (the label), `CODE_FILE`, `CODE_LINE` and `CODE_FUNC`, and a field
/// `CORUND_…` for each key of the metadata: `job`, `kind`, `attempt`, `context` and `peer_uid` become `CORUND_JOB`,
/// `CORUND_KIND`, `CORUND_ATTEMPT`, `CORUND_CONTEXT` and `CORUND_PEER_UID`, so that `journalctl CORUND_JOB=…` tells a
/// job's story.
///
/// By `sd_journal_sendv`, which waits when journald's queue is full, and passes on in a sealed memfd what is too large for
/// a datagram. An entry that the journal does not take goes to standard error as a line, with the reason.
struct JournalWriter: LogWriter {
    /// The name of the program: what `journalctl -t` selects.
    let identifier: String
    var send: @Sendable ([JournalField]) -> Int32 = Self.sendToJournal
    var fallback = LineWriter()

    func write(_ record: LogRecord) {
        let result = send(JournalEntry.fields(of: record, identifier: identifier))
        guard result < 0 else { return }
        fallback.write(
            LogRecord(
                event: record.event, metadata: record.metadata.adding("journal-errno", "\(-result)"),
                label: record.label, time: record.time))
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
