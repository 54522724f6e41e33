import CLinux
// Links libdispatch (also with -static-stdlib), whose entry points CLinux calls.
import Dispatch
import Glibc

/// Serves `@MainActor` code on the main thread.
///
/// A loop that runs on that thread does it among other things (``EventLoop/serveMainQueue()``). Where the loop has a
/// thread of its own, ``serve(until:)`` does nothing else. `dispatchMain()` would do that too, but ends the main thread,
/// and a process whose first thread is a zombie confuses debuggers and service managers.
package enum MainQueue {
    /// Whether the caller is on the thread that `main` began on.
    package static var isOnMainThread: Bool { corund_on_main_thread() }

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

    fileprivate static func drainHandle(_ handle: CInt) {
        var count: UInt64 = 0
        _ = read(handle, &count, MemoryLayout<UInt64>.size)
    }
}

extension EventLoop {
    /// Runs what is on the main queue in the loop's ticks, so that a run that blocks the main thread does not starve
    /// `@MainActor` code.
    ///
    /// On the main thread. The descriptor is libdispatch's; the loop's close only ends the watching.
    package func serveMainQueue() throws {
        let handle = corund_main_queue_handle()
        try addReader(handle) {
            MainQueue.drainHandle(handle)
            corund_main_queue_drain()
        }
    }
}
