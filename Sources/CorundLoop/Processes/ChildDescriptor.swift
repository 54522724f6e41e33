import CLinux
import Glibc
import SystemPackage

/// A descriptor of a child process (pidfd), readable once that has ended.
///
/// It means that process alone: the number of one that was reaped may be given to another.
struct ChildDescriptor: ~Copyable {
    private let descriptor: Descriptor
    /// The child's number, which is its own until it is reaped.
    let process: CInt

    /// - Throws: ``EventLoopError/notAChild(_:)`` when there is no such process; ``SystemCallError``.
    init(of process: CInt) throws {
        let number = corund_pidfd_open(process)
        if number < 0, [.noSuchProcess, .invalidArgument].contains(Errno.ofThisThread) {
            throw EventLoopError.notAChild(process)
        }
        descriptor = Descriptor(
            owning: try SystemCallError.check(number, "pidfd_open", subject: "process \(process)"))
        self.process = process
    }

    /// The number, to watch.
    var number: CInt { descriptor.number }

    /// Takes what the kernel has to say of a child that has ended; nil of one that has not.
    ///
    /// - Throws: `refusal` when it is not, or is no longer, ours to reap; ``SystemCallError``.
    func reap(orThrow refusal: EventLoopError) throws -> corund_child_end? {
        var end = corund_child_end()
        let result = corund_pidfd_reap(number, &end)
        if result < 0, Errno.ofThisThread == .noChildProcess { throw refusal }
        return try SystemCallError.check(result, "waitid") == 1 ? end : nil
    }

    /// Waits, for so long at most, and without the loop, until the child has ended.
    func blockUntilItEnds(milliseconds: CInt) {
        var watched = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        _ = poll(&watched, 1, milliseconds)
    }

    /// Sends a signal to the child, and to all processes of the group that it was made the leader of; also when it was
    /// reaped.
    func signalGroup(_ signal: CInt) {
        _ = corund_signal_group(number, process, signal)
        // It may have moved to another group of its session, by setpgid(2); it is still ours to end.
        if getpgid(process) != process { _ = corund_signal_process(number, signal) }
    }

    /// Whether anybody is in that group.
    ///
    /// A leader that was not reaped is.
    var groupIsThere: Bool {
        // What may not be signalled is there all the same.
        corund_signal_group(number, process, 0) == 0 || Errno.ofThisThread == .notPermitted
    }
}
