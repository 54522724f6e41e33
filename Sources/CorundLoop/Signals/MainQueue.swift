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
    /// On another thread than the main one it only waits for that.
    package static func serve(until end: CInt) {
        // libdispatch ends a process that serves its main queue on another thread; poll passes over a negative number.
        let queue = isOnMainThread ? corund_main_queue_handle() : -1
        var watched = [
            pollfd(fd: queue, events: Int16(POLLIN), revents: 0),
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
    /// Runs what is on the main queue in each of the loop's ticks, so that a run that blocks the main thread does not
    /// starve `@MainActor` code.
    ///
    /// On the main thread. To look at an empty queue costs next to nothing; only a loop that sleeps needs libdispatch's
    /// descriptor, to be woken.
    ///
    /// A process that is out of descriptors is not served; a run that has to wait says why.
    package func serveMainQueue() {
        mainQueue = mainQueue ?? ServedMainQueue()
    }
}

/// The main queue as a loop serves it.
struct ServedMainQueue {
    /// libdispatch writes to it from the first time on that it is asked for.
    private let descriptor: CInt
    private var isWatched = false
    /// Runs what is on the queue.
    let drain = Handle { corund_main_queue_drain() }

    // SAFETY: read and changed on the main thread alone.
    nonisolated(unsafe) private static var opened: CInt?

    /// nil where there is no descriptor to be had: libdispatch, asked for its own, would end the process.
    init?() {
        guard let descriptor = Self.opened ?? Self.open() else { return nil }
        self.descriptor = descriptor
        Self.opened = descriptor
    }

    private static func open() -> CInt? {
        let likeIt = eventfd(0, CInt(EFD_CLOEXEC))
        guard likeIt >= 0 else { return nil }
        close(likeIt)
        return corund_main_queue_handle()
    }

    mutating func prepareToSleep(_ selector: any Selector) throws {
        guard !isWatched else { return }
        try selector.watch(descriptor, for: .readable, before: [])
        isWatched = true
    }

    /// Whether `descriptor`, which was found readable, is the queue's; then it no longer is readable.
    func hears(_ descriptor: CInt) -> Bool {
        guard descriptor == self.descriptor else { return false }
        MainQueue.drainHandle(descriptor)
        return true
    }
}
