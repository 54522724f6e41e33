import Glibc

/// Runs `work` on `count` threads of their own while this one does `body`, and waits for them.
func withThreads(
    _ count: Int, _ work: @Sendable (Int) -> Void, while body: () throws -> Void
) rethrows {
    try withoutActuallyEscaping(work) { work in
        let threads = (0..<count).map { number in makeThread { work(number) } }
        defer { for thread in threads { pthread_join(thread, nil) } }
        try body()
    }
}

private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func makeThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body)).toOpaque()
    let failure = pthread_create(
        &thread, nil,
        { work in
            // It begins with its maker's mask, and threads of libdispatch block all signals.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            // SAFETY: the reference that was retained for this one call.
            work.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
            return nil
        }, work)
    precondition(failure == 0, "no thread to be had")
    return thread
}
