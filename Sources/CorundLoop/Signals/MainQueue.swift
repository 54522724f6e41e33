import CLinux
// Links libdispatch (also with -static-stdlib), whose entry points CLinux calls.
import Dispatch
import Glibc

/// Serves `@MainActor` code on the main thread while the loop runs on another.
///
/// `dispatchMain()` would do that too, but ends the main thread, and a process whose first thread is a zombie confuses
/// debuggers and service managers.
package enum MainQueue {
    /// Runs what is on the main queue, sleeping in between, until `end` is readable.
    ///
    /// On the main thread.
    package static func serve(until end: CInt) {
        var watched = [
            pollfd(fd: corund_main_queue_handle(), events: Int16(POLLIN), revents: 0),
            pollfd(fd: end, events: Int16(POLLIN), revents: 0),
        ]
        while watched[1].revents == 0 {
            guard poll(&watched, 2, -1) > 0 else { continue }
            guard watched[0].revents != 0 else { continue }
            drainHandle(watched[0].fd)
            corund_main_queue_drain()
        }
    }

    private static func drainHandle(_ handle: CInt) {
        var count: UInt64 = 0
        _ = read(handle, &count, MemoryLayout<UInt64>.size)
    }
}
