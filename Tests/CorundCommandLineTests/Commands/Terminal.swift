import Foundation
import Glibc

/// A terminal that nobody sits at.
final class Terminal {
    private let ours: CInt
    /// Held, so that what was written can be read when the command has ended.
    private let theirs: CInt
    let path: String

    /// TIOCSPTLCK and TIOCGPTN, macros that are not imported; posix_openpt(3) is not either.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    init(columns: Int) throws {
        ours = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number): (CInt, CInt) = (0, 0)
        guard ours >= 0, ioctl(ours, Self.setLock, &lock) == 0, ioctl(ours, Self.getNumber, &number) == 0 else {
            throw POSIXError(.ENOTTY)
        }
        path = "/dev/pts/\(number)"
        theirs = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 25, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard theirs >= 0, ioctl(theirs, UInt(TIOCSWINSZ), &size) == 0 else { throw POSIXError(.ENOTTY) }
    }

    deinit {
        close(theirs)
        close(ours)
    }

    /// Reads until `text` has come, or for so long that it never will.
    func read(until text: String) -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        var all = ""
        while !all.contains(text), ContinuousClock.now < deadline { all += read() }
        return all
    }

    /// Reads what is there; waits for it, for far longer than it takes.
    func read() -> String {
        var readiness = pollfd(fd: ours, events: Int16(POLLIN), revents: 0)
        guard poll(&readiness, 1, 20_000) > 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = Glibc.read(ours, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
