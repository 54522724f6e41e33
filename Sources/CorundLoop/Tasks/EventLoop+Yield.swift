import CLinux

extension EventLoop {
    /// Lets everything else that is ready on the running loop have its turn, as `asyncio.sleep(0)`.
    ///
    /// `Task.yield()` does the same, by way of a job that it allocates and enqueues first. Outside of a running loop this
    /// is `Task.yield()`.
    public static func yield() async {
        guard corund_get_running_loop() != nil else { return await Task.yield() }
        await Parking.shared.stay()
    }
}
