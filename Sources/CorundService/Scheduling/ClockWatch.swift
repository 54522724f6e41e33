import CLinux
import CorundLoop
import Glibc

/// Tells when somebody has set the wall clock, or the machine has slept.
///
/// The kernel says so (`TFD_TIMER_CANCEL_ON_SET`, timerfd_create(2)); nothing polls. It belongs to the loop.
final class ClockWatch {
    private let loop: EventLoop
    private let descriptor: Descriptor

    /// A watch that calls `onSet` until ``close()``.
    ///
    /// - Throws: `SystemCallError` when the process is out of descriptors.
    convenience init(on loop: EventLoop, onSet: @escaping () -> Void) throws {
        let number = try SystemCallError.check(corund_wall_clock_watch(), "timerfd_create")
        try self.init(on: loop, Descriptor(owning: number), onSet: onSet)
    }

    /// A watch that calls `onSet` when a descriptor, which tests have another of, is readable.
    init(on loop: EventLoop, _ descriptor: consuming Descriptor, onSet: @escaping () -> Void) throws {
        self.loop = loop
        let number = descriptor.number
        self.descriptor = descriptor
        try loop.addReader(number) {
            var expirations: UInt64 = 0
            // It fails, with ECANCELED, when the clock was set, and what it would give is of no interest.
            _ = read(number, &expirations, MemoryLayout.size(ofValue: expirations))
            onSet()
        }
    }

    /// Watches no more.
    func close() {
        loop.unwatch(descriptor.number)
    }
}
