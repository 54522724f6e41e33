import CLinux
import CorundLoop
import Glibc

/// A thread that runs one function, and says by a descriptor that it has ended.
final class LoopThread {
    private let outcome: Outcome
    private let thread: PosixThread

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
        // SAFETY: the thread's alone until the join, save its descriptor, which does not change.
        nonisolated(unsafe) let outcome = try Outcome(name: name, body)
        thread = try PosixThread { outcome.run() }
        self.outcome = outcome
    }

    /// Readable once the thread has done its work.
    var ended: CInt { outcome.end.number }

    /// Waits for the thread; throws what it threw.
    func join() throws {
        thread.join()
        if let error = outcome.error { throw error }
    }
}
