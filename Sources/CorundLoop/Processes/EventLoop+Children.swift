extension EventLoop {
    /// Waits until a child process has ended, and reaps it.
    ///
    /// To be called on the loop. It needs no SIGCHLD and races with nobody's handler of it: the kernel tells by a
    /// descriptor of the process (pidfd, Linux 5.4). A child that had ended before is no special case. A cancelled wait
    /// leaves the child as it is, to be waited for again.
    ///
    /// - Parameter process: a child of this process. A status can be had once: of two waits for a child, one gets it.
    /// - Returns: how it ended.
    /// - Throws: ``EventLoopError/notAChild(_:)``; ``EventLoopError/childStatusLost(_:)`` when someone else has reaped it
    ///   meanwhile, as the kernel does where SIGCHLD is ignored; `CancellationError`; ``SystemCallError`` when there is no
    ///   descriptor to be had; ``EventLoopError/wrongThread``; ``EventLoopError/closed``, also when the loop is closed
    ///   meanwhile.
    public func waitForExit(of process: CInt) async throws -> ChildStatus {
        try checkOnItsThread()
        let child = try ChildDescriptor(of: process)
        if let end = try child.reap(orThrow: .notAChild(process)) { return ChildStatus(end) }
        while true {
            try await waitReadable(child.number)
            if let end = try child.reap(orThrow: .childStatusLost(process)) { return ChildStatus(end) }
        }
    }
}
