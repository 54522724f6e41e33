import CLinux
import CorundLoop
import Glibc

/// A thread that runs one function, and says by a descriptor that it has ended.
final class LoopThread {
    private let outcome: Outcome
    private var thread = pthread_t()

    private final class Outcome {
        let end: Descriptor
        let body: () throws -> Void
        let name: String
        var error: (any Error)?

        init(name: String, _ body: @escaping () throws -> Void) throws(SystemCallError) {
            end = Descriptor(owning: try SystemCallError.check(eventfd(0, CInt(EFD_CLOEXEC)), "eventfd"))
            self.body = body
            self.name = name
        }

        func run() {
            corund_name_thread(name)
            do { try body() } catch { self.error = error }
            var one: UInt64 = 1
            _ = write(end.number, &one, MemoryLayout<UInt64>.size)
        }
    }

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: as `ps -L` shows it; at most 15 bytes.
    ///   - body: runs on the thread, and nothing of it may be used elsewhere until the end.
    /// - Throws: `SystemCallError` when there can be no thread or descriptor.
    init(name: String, _ body: sending @escaping () throws -> Void) throws {
        outcome = try Outcome(name: name, body)
        // SAFETY: the reference that crosses is released by the thread; `outcome` is read only after the join.
        let argument = Unmanaged.passRetained(outcome).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                argument.map { Unmanaged<Outcome>.fromOpaque($0).takeRetainedValue().run() }
                return nil
            }, argument)
        guard failure == 0 else {
            Unmanaged<Outcome>.fromOpaque(argument).release()
            errno = failure
            throw SystemCallError("pthread_create")
        }
    }

    /// Readable once the thread has done its work.
    var ended: CInt { outcome.end.number }

    /// Waits for the thread; throws what it threw.
    func join() throws {
        pthread_join(thread, nil)
        if let error = outcome.error { throw error }
    }
}
