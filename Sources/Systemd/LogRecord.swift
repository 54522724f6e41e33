import Glibc
import Logging

/// A log event with all that is to be written of it.
struct LogRecord: Sendable {
    /// Without its metadata and its error: what is written of them is in ``metadata``, and what they keep alive nobody
    /// could count.
    private(set) var event: LogEvent
    let metadata: LogMetadata
    /// The label of the logger.
    let label: String
    /// When it was logged, since 1970-01-01T00:00:00Z.
    let time: Duration

    init(event: LogEvent, metadata: LogMetadata, label: String, time: Duration) {
        self.event = event
        self.event.metadata = nil
        self.event.error = nil
        self.metadata = metadata
        self.label = label
        self.time = time
    }

    /// Bytes that it keeps in memory, roughly.
    var size: Int {
        let pairs = metadata.pairs.reduce(0) { $0 + Self.overhead + $1.key.utf8.count + $1.value.utf8.count }
        return 4 * Self.overhead + event.message.description.utf8.count + pairs
    }

    /// Of what is not the bytes of a text.
    private static let overhead = 64
}

extension Duration {
    /// The time of day, since 1970-01-01T00:00:00Z.
    static func timeOfDay() -> Duration {
        var now = timespec()
        let status = clock_gettime(CLOCK_REALTIME, &now)
        precondition(status == 0, "CLOCK_REALTIME always exists on Linux")
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }
}
