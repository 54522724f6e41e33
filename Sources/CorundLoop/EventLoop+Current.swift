import CLinux
import Glibc
import SystemPackage

extension EventLoop {
    /// The loop whose `run` this thread is inside of, as `asyncio.get_running_loop()`; nil outside.
    public static var running: EventLoop? {
        // SAFETY: set while `run` is on this thread's stack, which keeps the loop.
        corund_get_running_loop().map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The running loop, else the one that was made current on this thread with ``makeCurrent()``.
    public static var current: EventLoop? {
        // SAFETY: the slot owns a reference, taken by `makeCurrent`.
        running ?? pthread_getspecific(slot).map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Makes this the thread's ``current`` loop, as `asyncio.set_event_loop(loop)`; the thread keeps the loop alive, until
    /// it ends.
    public func makeCurrent() {
        EventLoop.unsetCurrent()
        pthread_setspecific(EventLoop.slot, Unmanaged.passRetained(self).toOpaque())
    }

    /// Leaves the thread without a current loop.
    public static func unsetCurrent() {
        guard let loop = pthread_getspecific(slot) else { return }
        pthread_setspecific(slot, nil)
        Unmanaged<EventLoop>.fromOpaque(loop).release()
    }

    /// Each thread's place for its current loop, which it lets go of at its end.
    private static let slot: pthread_key_t = {
        var key = pthread_key_t()
        let failure = pthread_key_create(&key) { loop in
            if let loop { Unmanaged<EventLoop>.fromOpaque(loop).release() }
        }
        precondition(failure == 0, "pthread_key_create: \(Errno(rawValue: failure))")
        return key
    }()

    /// Whether the caller is on this loop, inside its `run`.
    package var isOnItsThread: Bool {
        corund_get_running_loop() == Unmanaged.passUnretained(self).toOpaque()
    }
}
