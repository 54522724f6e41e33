import Dispatch

enum LibDispatch {
    /// Has libdispatch open what its threads share: an epoll descriptor, an event's and a timer's.
    ///
    /// It does so with its first thread, which SQLite's library or Swift's own executor may want at any time, and ends the
    /// process where there is none left. Later there may be none left: many clients are enough.
    static func openDescriptors() {
        let isOpen = DispatchSemaphore(value: 0)
        // A timer, as the thread that fires it has opened all three before.
        DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(100)) { isOpen.signal() }
        // Where the system has no thread to give, libdispatch waits until it has; the daemon serves without it.
        _ = isOpen.wait(timeout: .now() + patience)
    }

    private static let patience = DispatchTimeInterval.seconds(1)
}
