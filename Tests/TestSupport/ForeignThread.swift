import Glibc

/// A thread of its own, which belongs to no loop and to no pool.
package struct ForeignThread: ~Copyable {
    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let thread: pthread_t

    package init(_ body: @escaping @Sendable () -> Void) {
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

    /// Waits until the thread has ended, and has let go of what its body holds.
    package consuming func join() {
        pthread_join(thread, nil)
    }

    package consuming func detach() {
        pthread_detach(thread)
    }

    /// Runs `work` on `count` threads at once, and waits for all.
    package static func concurrently(_ count: Int, _ work: @Sendable (Int) -> Void) {
        concurrently(count, work, while: {})
    }

    /// The same, while this thread does `body`.
    package static func concurrently(
        _ count: Int, _ work: @Sendable (Int) -> Void, while body: () throws -> Void
    ) rethrows {
        try withoutActuallyEscaping(work) { work in
            let threads = (0..<count).map { index in Handle(ForeignThread { work(index) }) }
            defer { for thread in threads { thread.join() } }
            try body()
        }
    }

    private final class Handle {
        private var thread: ForeignThread?
        init(_ thread: consuming ForeignThread) { self.thread = consume thread }
        func join() { thread.take()?.join() }
    }
}

/// Runs `body` on a thread of its own: for a loop that waits for the concurrency runtime's own threads, of which a
/// blocking test may hold the last.
package func onThreadOfItsOwn<Success: Sendable>(
    _ body: @escaping @Sendable () throws -> Success
) async throws -> Success {
    try await withCheckedThrowingContinuation { continuation in
        let outcome: @Sendable () -> Void = { continuation.resume(with: Result { try body() }) }
        ForeignThread(outcome).detach()
    }
}
