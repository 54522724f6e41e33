extension EventLoop {
    /// Whether the loop watches for misuse: it reports what holds it for ``slowCallbackDuration`` or longer, measures for
    /// how long each task holds it, and refuses what another thread asks of it while it runs
    /// (``EventLoopError/wrongThread``).
    ///
    /// May be changed at any time; costs nothing when off. New loops take it from `CORUND_DEBUG` in the environment.
    public var isDebugging: Bool {
        get { debugRecords != nil }
        set {
            guard newValue != isDebugging else { return }
            debugRecords = newValue ? DebugRecords(tasks.live) : nil
        }
    }

    func runMeasured(_ item: ReadyItem, _ records: DebugRecords) {
        let task = records.record(of: item)
        let start = clock.now()
        run(item)
        let held = clock.now().nanoseconds(since: start)
        if let task { records.add(nanoseconds: held, to: task) }
        guard held >= slowCallbackDuration.clampedNanoseconds else { return }
        report(ExceptionReport(message: "\(item.kind) held the event loop for \(Duration.nanoseconds(held))"))
    }
}
