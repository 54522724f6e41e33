import CLinux
import CorundLoop
import Dispatch
import Glibc

enum LibDispatch {
    /// Has libdispatch open what its threads share (an epoll descriptor, an event's and a timer's) and the main queue's.
    ///
    /// It does so with its first thread, which SQLite's library or Swift's own executor may want at any time, and ends the
    /// process where there is none left. Later there may be none left: many clients are enough.
    ///
    /// - Throws: `SystemCallError` where there are too few now, in place of that end.
    static func openDescriptors() throws(SystemCallError) {
        try tryDescriptors()
        _ = corund_main_queue_handle()
        let isOpen = DispatchSemaphore(value: 0)
        // A timer, as the thread that fires it has opened all three before.
        DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(100)) { isOpen.signal() }
        // Where the system has no thread to give, libdispatch waits until it has; the daemon serves without it.
        _ = isOpen.wait(timeout: .now() + patience)
    }

    /// Opens as many of the same kinds, and closes them.
    private static func tryDescriptors() throws(SystemCallError) {
        let epollWithEvent = Epoll()
        defer { epollWithEvent.close() }
        _ = try epollWithEvent.wakeDescriptor
        let timer = Descriptor(owning: try SystemCallError.check(corund_wall_clock_watch(), "timerfd_create"))
        try epollWithEvent.watch(timer.number, for: .readable, before: [])
        _ = Descriptor(owning: try SystemCallError.check(eventfd(0, CInt(EFD_CLOEXEC)), "eventfd"))
    }

    private static let patience = DispatchTimeInterval.seconds(1)
}
