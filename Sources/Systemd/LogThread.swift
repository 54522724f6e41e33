import CLinux
import Glibc

/// The thread on which a log is written.
enum LogThread {
    /// Runs `body` on a new thread, which nothing joins.
    ///
    /// - Returns: Whether there can be one.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        // SAFETY: the reference that crosses is released by the thread, or here where there is none.
        let work = Unmanaged.passRetained(Work(body))
        var identity = pthread_t()
        let failure = pthread_create(
            &identity, nil,
            { argument in
                corund_name_thread("corund-log")
                argument.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard failure == 0 else {
            work.release()
            return false
        }
        pthread_detach(identity)
        return true
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
