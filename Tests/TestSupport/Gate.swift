import CLinux
import Glibc

/// Something that happens once, to wait for.
package final class Gate: Sendable {
    private let descriptor = eventfd(0, CInt(EFD_CLOEXEC))

    package init() {}

    deinit {
        close(descriptor)
    }

    package func open() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Blocks the thread until the gate has been opened.
    package func wait() {
        while !wait(milliseconds: -1) {}
    }

    /// The same, for so long at most; below zero: until a signal comes, at most.
    ///
    /// - Returns: whether the gate has been opened.
    package func wait(milliseconds: CInt) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, milliseconds) == 1
    }
}
