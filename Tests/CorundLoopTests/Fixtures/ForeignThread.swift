import CLinux
import Glibc

/// A thread that is not the loop's.
struct ForeignThread: ~Copyable {
    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let thread: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { work in
                // It begins with its maker's mask, and threads of libdispatch block all signals.
                var none = sigset_t()
                sigemptyset(&none)
                pthread_sigmask(SIG_SETMASK, &none, nil)
                // SAFETY: the reference that `init` retained for this one call.
                work.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
                return nil
            }, work)
        precondition(result == 0, "no thread to be had")
        self.thread = thread
    }

    consuming func join() {
        pthread_join(thread, nil)
    }

    /// Runs `body` on `count` threads at once, and waits for all.
    static func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { index in Handle(ForeignThread { body(index) }) }
        for thread in threads { thread.join() }
    }

    private final class Handle {
        private var thread: ForeignThread?
        init(_ thread: consuming ForeignThread) { self.thread = consume thread }
        func join() { thread.take()?.join() }
    }
}

/// Runs `body` on a thread of its own: for a loop that waits for the concurrency runtime's own threads, of which a
/// blocking test may hold the last.
func onThreadOfItsOwn<Success: Sendable>(_ body: @escaping @Sendable () throws -> Success) async throws -> Success {
    try await withCheckedThrowingContinuation { continuation in
        let outcome: @Sendable () -> Void = { continuation.resume(with: Result { try body() }) }
        ForeignThread(outcome).detach()
    }
}

extension ForeignThread {
    consuming func detach() {
        pthread_detach(thread)
    }
}

/// Something that happens once, to wait for.
final class Gate: Sendable {
    private let descriptor = eventfd(0, CInt(EFD_CLOEXEC))

    deinit {
        close(descriptor)
    }

    func open() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Blocks the thread until the gate has been opened.
    func wait() {
        while !wait(milliseconds: -1) {}
    }

    /// The same, for so long at most; below zero: until a signal comes, at most.
    ///
    /// - Returns: whether the gate has been opened.
    func wait(milliseconds: CInt) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, milliseconds) == 1
    }
}
