import CLinux
import Glibc
import Testing

/// Two connected sockets.
final class SocketPair {
    private(set) var ours: CInt
    private(set) var theirs: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        (ours, theirs) = (ends[0], ends[1])
    }

    deinit {
        closeOurs()
        closeTheirs()
    }

    func send(_ byte: UInt8 = 1) {
        Self.send(byte, to: theirs)
    }

    /// From any thread.
    static func send(_ byte: UInt8 = 1, to end: CInt) {
        var byte = byte
        _ = write(end, &byte, 1)
    }

    @discardableResult
    func receive() -> Bool {
        var byte: UInt8 = 0
        return read(ours, &byte, 1) == 1
    }

    func closeOurs() {
        if ours >= 0 { close(ours) }
        ours = -1
    }

    func closeTheirs() {
        if theirs >= 0 { close(theirs) }
        theirs = -1
    }
}
