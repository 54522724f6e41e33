import CLinux

extension EventLoop {
    /// Lets everything else that is ready on the running loop have its turn, as `asyncio.sleep(0)`.
    ///
    /// `Task.yield()` does the same, by way of a job that it allocates and enqueues first. Outside of a running loop this
    /// is `Task.yield()`.
    public static func yield() async {
        guard let loop = corund_get_running_loop() else { return await Task.yield() }
        await withUnsafeContinuation { continuation in
            // SAFETY: the loop is running on this thread, which keeps it; nothing has suspended since it was looked up.
            Unmanaged<EventLoop>.fromOpaque(loop)._withUnsafeGuaranteedRef { $0.appendReady(.resumption(continuation)) }
        }
    }
}
