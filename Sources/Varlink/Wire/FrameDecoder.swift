import Glibc

/// Cuts a stream of bytes into messages, each of which ends with a NUL byte.
///
/// Pure: it does no I/O.
///
/// Messages that lie whole in a chunk are cut in place; only the beginning of a message that is still on its way is
/// kept, and never more of it than the limit and one chunk.
package struct FrameDecoder {
    /// What the receiver of a message says of the next one.
    package enum Verdict {
        case goOn
        /// Keep what follows until ``resume(_:)``.
        case pause
    }

    /// Bytes; a longer message, whole or begun, is refused.
    ///
    /// A change counts from the next chunk on, also for what is held.
    package var maximumSize: Int
    /// The beginning of a message, or, after a pause, whole messages too.
    private var held: [UInt8] = []
    /// How much of `held` is known to have no NUL.
    private var scanned = 0

    package init(maximumSize: Int) {
        self.maximumSize = maximumSize
    }

    /// Whether the stream may end here: nothing of an unfinished message is held.
    package var isAtBoundary: Bool { held.isEmpty }

    /// Calls `receive` for each message that `chunk` completes, without its NUL; the buffer is valid during the call.
    ///
    /// - Throws: ``WireViolation/messageTooLarge(limit:)``, and what `receive` throws.
    package mutating func decode(
        _ chunk: UnsafeBufferPointer<UInt8>, _ receive: (UnsafeBufferPointer<UInt8>) throws -> Verdict
    ) throws {
        guard held.isEmpty else {
            held.append(contentsOf: chunk)
            return try resume(receive)
        }
        let rest = try cut(chunk, receive)
        held.append(contentsOf: rest)
    }

    /// Goes on after a pause, or with what has been appended.
    package mutating func resume(_ receive: (UnsafeBufferPointer<UInt8>) throws -> Verdict) throws {
        let bytes = held
        held = []
        let restStart = try bytes.withUnsafeBufferPointer { try cut($0, receive).startIndex }
        held = restStart == 0 ? bytes : Array(bytes[restStart...])
    }

    /// - Returns: what comes after the last message that was received.
    private mutating func cut(
        _ bytes: UnsafeBufferPointer<UInt8>, _ receive: (UnsafeBufferPointer<UInt8>) throws -> Verdict
    ) throws -> Slice<UnsafeBufferPointer<UInt8>> {
        var start = 0
        var from = scanned
        scanned = 0
        while let end = Self.nul(in: bytes, from: from) {
            guard end - start <= maximumSize else { throw WireViolation.messageTooLarge(limit: maximumSize) }
            let verdict = try receive(UnsafeBufferPointer(rebasing: bytes[start..<end]))
            start = end + 1
            from = start
            if verdict == .pause { return bytes[start...] }
        }
        scanned = bytes.count - start
        guard scanned <= maximumSize else { throw WireViolation.messageTooLarge(limit: maximumSize) }
        return bytes[start...]
    }

    private static func nul(in bytes: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
        guard let base = bytes.baseAddress, from < bytes.count,
            let found = memchr(base + from, 0, bytes.count - from)
        else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }
}

/// What ends a connection: the other side does not speak Varlink, or too much of it.
package enum WireViolation: Error, Equatable, CustomStringConvertible {
    case messageTooLarge(limit: Int)
    case malformed(JSONError)
    case notACall(String)
    case notAReply(String)

    package var description: String {
        switch self {
        case .messageTooLarge(let limit): "a message is longer than \(limit) bytes"
        case .malformed(let error): "a message is not valid JSON: \(error)"
        case .notACall(let reason): "a message is no Varlink call: \(reason)"
        case .notAReply(let reason): "a message is no Varlink reply: \(reason)"
        }
    }
}
