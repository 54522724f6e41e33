import Glibc

extension EventLoop {
    /// Whether the loop watches for misuse: it reports what holds it for ``slowCallbackDuration`` or longer and what is
    /// left when it is closed, measures for how long each task holds it, and refuses what another thread asks of it while
    /// it runs (``EventLoopError/wrongThread``; of what cannot throw, with a report).
    ///
    /// May be changed at any time; costs nothing when off. New loops take it from `CORUND_DEBUG` in the environment.
    public var isDebugging: Bool {
        get { debugRecords != nil }
        set {
            guard newValue != isDebugging else { return }
            debugRecords = newValue ? DebugRecords(tasks.live) : nil
        }
    }

    /// Whether new loops debug: `CORUND_DEBUG` was in the environment and not empty when the first one was made.
    static let debugDefault = getenv("CORUND_DEBUG").map { $0.pointee != 0 } ?? false

    func runMeasured(_ item: ReadyItem, _ records: DebugRecords) {
        let task = records.record(of: item)
        let start = clock.now()
        run(item)
        let held = clock.now().nanoseconds(since: start)
        if let task { records.add(nanoseconds: held, to: task) }
        guard held >= slowCallbackDuration.clampedNanoseconds else { return }
        report(
            ExceptionReport(
                message: "\(item.kind) held the event loop for \(Duration.nanoseconds(held))", taskName: task?.name,
                createdAt: (task?.site ?? item.site)?.description))
    }
}

extension ReadyItem {
    /// What a person calls it.
    fileprivate var kind: String {
        switch self {
        case .job, .isolatedJob, .defaultJob, .turn: "a task"
        case .handle(let handle): handle is TimerHandle ? "a timer's callback" : "a callback"
        }
    }

    /// Where it was made, if it knows that by itself.
    fileprivate var site: CreationSite? {
        switch self {
        case .job, .isolatedJob, .defaultJob, .turn: nil
        case .handle(let handle): handle.site
        }
    }
}
