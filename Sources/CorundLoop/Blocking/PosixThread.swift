import Glibc
import SystemPackage

/// A thread that runs one function, to be joined or detached.
package struct PosixThread: Sendable {
    private let thread: pthread_t

    /// Starts a thread that runs `body`.
    ///
    /// - Throws: ``SystemCallError`` when there can be none; then nobody keeps `body`.
    package init(_ body: @escaping @Sendable () -> Void) throws(SystemCallError) {
        // SAFETY: the reference that crosses is released by the thread, or here where there is none.
        let work = Unmanaged.passRetained(Work(run: body))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                argument.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().run() }
                return nil
            }, work.toOpaque())
        guard failure == 0 else {
            work.release()
            throw SystemCallError("pthread_create", errno: Errno(rawValue: failure))
        }
        self.thread = thread
    }

    package func join() { pthread_join(thread, nil) }

    package func detach() { pthread_detach(thread) }

    private final class Work: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }
}
