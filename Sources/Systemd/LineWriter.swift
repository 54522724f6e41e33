import Glibc

/// Writes readable lines to standard error, for when there is no journal.
///
/// `2026-11-21T03:40:01.123Z info  corund: message key=value`: UTC, the metadata in the order of its keys. What could end
/// a line or command a terminal is escaped, so that an event is always one line, and no text can pretend to be another
/// event.
///
/// Each line is one write(2), so that lines of several processes do not mix (up to `PIPE_BUF`, 4,096 bytes, on a pipe).
/// A line that standard error does not take is lost: there is nowhere left to say so.
struct LineWriter: LogWriter {
    var descriptor = STDERR_FILENO

    func write(_ record: LogRecord) {
        var rest = LogLine.bytes(of: record)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)  // Only a full pipe or disk takes a part of a line.
            } else if errno == EAGAIN {
                waitUntilWritable()
            } else if errno != EINTR {
                return
            }
        }
    }

    /// For a descriptor that somebody with whom it is shared, such as a shell, has made non-blocking.
    private func waitUntilWritable() {
        var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&watched, 1, -1)
    }
}
