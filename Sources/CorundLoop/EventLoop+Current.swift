import CLinux
import Glibc

extension EventLoop {
    /// Whether new loops debug: `CORUND_DEBUG` was in the environment and not empty when the first one was made.
    static let debugDefault = getenv("CORUND_DEBUG").map { $0.pointee != 0 } ?? false

    /// The loop whose `run` this thread is inside of, as `asyncio.get_running_loop()`; nil outside.
    public static var running: EventLoop? {
        // SAFETY: set while `run` is on this thread's stack, which keeps the loop.
        corund_get_running_loop().map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The running loop, else the one that was made current on this thread with ``makeCurrent()``.
    public static var current: EventLoop? {
        // SAFETY: the slot owns a reference, taken by `makeCurrent`.
        running ?? corund_get_current_loop().map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Makes this the thread's ``current`` loop, as `asyncio.set_event_loop(loop)`; the thread keeps the loop alive.
    public func makeCurrent() {
        EventLoop.unsetCurrent()
        corund_set_current_loop(Unmanaged.passRetained(self).toOpaque())
    }

    /// Leaves the thread without a current loop.
    public static func unsetCurrent() {
        guard let slot = corund_get_current_loop() else { return }
        corund_set_current_loop(nil)
        Unmanaged<EventLoop>.fromOpaque(slot).release()
    }

    /// Whether the caller is on this loop, inside its `run`.
    var isOnItsThread: Bool {
        corund_get_running_loop() == Unmanaged.passUnretained(self).toOpaque()
    }
}
