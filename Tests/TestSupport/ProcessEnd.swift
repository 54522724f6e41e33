import Foundation
package import Glibc

/// How a child process has ended.
package enum ProcessEnd: Equatable {
    case exited(CInt)
    case signalled(CInt)

    /// Waits for the child's end, and reaps it.
    package init(of process: pid_t) {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        self = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f)
    }
}

/// Waits until a process is gone that is not ours: nobody tells, so it is asked again and again.
///
/// A zombie is as good as gone: whoever has adopted it may take its time.
///
/// - Returns: whether it is gone within half a minute.
package func isGone(_ process: pid_t) -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        if status.contains(") Z ") { return true }
        sched_yield()
    }
    return false
}
