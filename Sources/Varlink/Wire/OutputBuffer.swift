import CorundLoop
import Glibc

/// Bytes on their way to a socket: appended in small pieces, written in one.
struct OutputBuffer {
    /// To append to; what has been written is taken off the front by ``write(to:)`` alone.
    var writer = JSONWriter()
    private var written = 0

    /// Storage above this many bytes is given back when the buffer runs empty.
    private static let kept = 256 << 10

    var count: Int { writer.bytes.count - written }
    var isEmpty: Bool { count == 0 }

    /// Writes as much as the socket takes, in one call.
    ///
    /// - Returns: whether nothing is left.
    /// - Throws: ``SystemCallError`` when the other side is gone.
    mutating func write(to socket: CInt) throws(SystemCallError) -> Bool {
        guard !isEmpty else { return true }
        let count = writer.bytes.withUnsafeBytes { bytes in
            send(socket, bytes.baseAddress.map { $0 + written }, bytes.count - written, CInt(MSG_NOSIGNAL))
        }
        if count < 0 {
            guard errno == EAGAIN || errno == EINTR else { throw SystemCallError("send") }
            return false
        }
        written += count
        takeOffWritten()
        return isEmpty
    }

    /// Each byte is moved once at most for each byte written, and what is written but not taken off stays bounded, also
    /// in a buffer that never runs empty.
    private mutating func takeOffWritten() {
        if isEmpty {
            writer.bytes.removeAll(keepingCapacity: writer.bytes.capacity <= Self.kept)
        } else if written >= max(Self.kept, count) {
            writer.bytes.removeFirst(written)
        } else {
            return
        }
        written = 0
    }
}
