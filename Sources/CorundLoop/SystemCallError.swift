import Glibc
public import SystemPackage

/// A system call that failed: which, why, and what it was about.
public struct SystemCallError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call, such as `bind`.
    public let call: String
    /// The kernel's reason.
    public let errno: Errno
    /// What the call was about, such as a path; empty when there is nothing to add.
    public let subject: String

    /// An error of the system call `call`, with this thread's `errno` unless another is given.
    public init(_ call: String, errno: Errno = Errno.ofThisThread, subject: String = "") {
        self.call = call
        self.errno = errno
        self.subject = subject
    }

    /// What happened, in words.
    public var description: String {
        subject.isEmpty ? "\(call): \(errno)" : "\(call) \(subject): \(errno)"
    }

    /// The result of a system call, or its error when that is negative.
    @discardableResult
    package static func check(
        _ result: CInt, _ call: String, subject: @autoclosure () -> String = ""
    ) throws(SystemCallError) -> CInt {
        guard result < 0 else { return result }
        let errno = Errno.ofThisThread  // Before the subject is made, which may allocate.
        throw SystemCallError(call, errno: errno, subject: subject())
    }
}

extension Errno {
    /// This thread's `errno`, to be read right after the call that set it.
    public static var ofThisThread: Errno { Errno(rawValue: Glibc.errno) }
}
