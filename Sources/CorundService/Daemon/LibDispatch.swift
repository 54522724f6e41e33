import CLinux
import CorundLoop
import Dispatch

enum LibDispatch {
    /// Has libdispatch open what its threads share (an epoll descriptor, an event's and a timer's) and the main queue's.
    ///
    /// It does so with its first thread, which SQLite's library or Swift's own executor may want at any time, and ends the
    /// process where there is none left. Later there may be none left: many clients are enough.
    ///
    /// - Throws: `SystemCallError` where there are too few now, in place of that end; or no thread, for which it waits.
    static func openDescriptors() throws {
        try tryWhatItNeeds()
        _ = corund_main_queue_handle()
        let isOpen = DispatchSemaphore(value: 0)
        // A timer, as the thread that fires it has opened all three before. On a queue of its own, because the threads of
        // the global ones are watched by libdispatch once a second, for ever: an idle daemon is to sleep.
        let queue = DispatchQueue(label: "corund-trial")
        queue.asyncAfter(deadline: .now() + .microseconds(100)) { isOpen.signal() }
        // The block needs a second thread, for which libdispatch's first one waits where there is none.
        _ = isOpen.wait(timeout: .now() + patience)
    }

    /// Opens as many descriptors of the same kinds, and starts a thread, and lets go of all.
    private static func tryWhatItNeeds() throws {
        let epollWithEvent = Epoll()
        defer { epollWithEvent.close() }
        _ = try epollWithEvent.wakeDescriptor
        let timer = Descriptor(owning: try SystemCallError.check(corund_wall_clock_watch(), "timerfd_create"))
        try epollWithEvent.watch(timer.number, for: .readable, before: [])
        try LoopThread(name: "corund-trial") {}.join()  // which has an event's descriptor
    }

    private static let patience = DispatchTimeInterval.seconds(1)
}
