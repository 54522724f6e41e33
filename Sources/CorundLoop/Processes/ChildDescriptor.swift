import CLinux
import Glibc
import SystemPackage

/// A descriptor of a child process (pidfd), readable once that has ended.
///
/// It means that process alone: the number of one that was reaped may be given to another.
struct ChildDescriptor: ~Copyable {
    private let descriptor: Descriptor

    /// - Throws: ``EventLoopError/notAChild(_:)`` when there is no such process; ``SystemCallError``.
    init(of process: CInt) throws {
        let number = corund_pidfd_open(process)
        if number < 0, [.noSuchProcess, .invalidArgument].contains(Errno.ofThisThread) {
            throw EventLoopError.notAChild(process)
        }
        descriptor = Descriptor(
            owning: try SystemCallError.check(number, "pidfd_open", subject: "process \(process)"))
    }

    /// The number, to watch.
    var number: CInt { descriptor.number }

    /// Takes the status of a child that has ended; nil of one that has not.
    ///
    /// - Throws: `refusal` when it is not, or is no longer, ours to reap; ``SystemCallError``.
    func reap(orThrow refusal: EventLoopError) throws -> ChildStatus? {
        var end = corund_child_end()
        let result = corund_pidfd_reap(number, &end)
        if result < 0, Errno.ofThisThread == .noChildProcess { throw refusal }
        return try SystemCallError.check(result, "waitid") == 1 ? ChildStatus(end) : nil
    }
}
