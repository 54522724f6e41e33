import CLinux

/// An event loop: runs jobs, callbacks, timers and readiness handlers, all on the one thread that is inside `run`,
/// as an `asyncio` event loop.
///
/// Threads: everything on a loop belongs to its thread (while it does not run: to whichever single thread uses it),
/// save ``callSoonThreadSafe(context:fileID:line:_:)``, ``submit(name:context:fileID:line:_:)``, the two executors'
/// `enqueue` and ``wake()``, which may be called from anywhere. A loop that has nothing to do makes no system call until
/// it is woken.
///
/// A `Task(executorPreference: loop)` runs on the loop; so do its `async let`s and task groups. For actors there is
/// ``serialExecutor``.
public final class EventLoop: @unchecked Sendable {
    // SAFETY: the stored state is confined to the loop's thread by contract, as documented above; what other threads
    // may touch is `inbox` (locked), `selector.wake` (locked, too) and immutable. `InboxTests` and
    // `EventLoopThreadTests` stress that under the thread sanitizer.

    /// What a loop is doing.
    package enum Phase {
        case idle
        case running
        case closed
    }

    package private(set) var phase = Phase.idle
    private var isStopping = false

    private var ready = TickQueue()
    private let inbox = Inbox()
    private var inboxSpare: [ReadyItem] = []
    private var tickEndWork: [any TickEndWork] = []
    private var tickEndSpare: [any TickEndWork] = []

    let clock: any LoopClock
    let selector: any Selector
    /// The loop's time where that is virtual; nil on any other loop.
    public let virtualTime: VirtualTime?
    var timers = Timers()
    var watches: [CInt: Watch] = [:]
    var signals: LoopSignals?
    /// On the main thread, what ``serveMainQueue()`` has set.
    var mainQueue: ServedMainQueue?
    var programs: [ObjectIdentifier: ProgramRun] = [:]
    /// The tick in which a program was started last.
    var lastProgramStart: UInt64 = 0
    var tasks = TaskRegistry()
    /// How many of the tasks whose end the present run waits for have not ended.
    var awaitedTasks = 0
    /// What the task waits in that is about to park; nil: in the queue, for its next turn.
    var parkingPlace: ParkingPlace?
    /// How many pieces of tasks run inside of one another now, below what has its turn.
    var innerPieces = 0
    var stepBudget = StepBudget()
    var taskAlarms = TaskAlarms()
    var generators = GeneratorRegistry()
    @usableFromInline let unobservedFailures = UnobservedFailures()
    let portal = Portal()
    /// The default executor; makes no thread before there is work for one.
    let blockingPool: BlockingPool
    /// Whether the pool takes nothing any more.
    private var isPoolShutDown = false

    /// Called for what nobody else can be told: a callback that threw, a task that failed at close.
    ///
    /// Replaces the default, which writes a line to standard error. A handler that throws falls back to the default.
    public var exceptionHandler: ExceptionHandler?

    /// How many times the loop has turned since it was made.
    public private(set) var tickCount: UInt64 = 0
    /// When the present tick, or the last one, began to run what was ready.
    public private(set) var tickStartedAt: LoopTime
    /// Whether that is the coming tick's time already: a run has just begun and nothing has been waited for.
    private var isTickBegun = false
    /// What is measured; nil unless ``isMeasuring``.
    var measurements: LoopMeasurements?
    /// In debug mode, what is known beyond the rest; see ``isDebugging``.
    var debugRecords = EventLoop.debugDefault ? DebugRecords([]) : nil
    /// In debug mode, how long one callback or piece of a task may hold the loop before that is reported.
    public var slowCallbackDuration = Duration.milliseconds(100)

    /// For actors that live on the loop: return it as their `unownedExecutor`, and keep the loop for as long as they
    /// live.
    public private(set) lazy var serialExecutor = LoopSerialExecutor(loop: self)

    /// A new loop on epoll and the monotonic clock.
    ///
    /// - Parameter blockingThreadLimit: threads that its blocking pool has at most, 1 or more; nil: four more than there
    ///   are processors, and at most 32.
    /// - Throws: ``BlockingPoolError/limitNotPositive``.
    public convenience init(blockingThreadLimit: Int? = nil) throws {
        if let blockingThreadLimit, blockingThreadLimit < 1 { throw BlockingPoolError.limitNotPositive }
        self.init(clock: MonotonicClock(), selector: Epoll(), blockingThreadLimit: blockingThreadLimit)
    }

    package init(
        clock: any LoopClock, selector: any Selector, virtualTime: VirtualTime? = nil, blockingThreadLimit: Int? = nil
    ) {
        blockingPool = BlockingPool(threadLimit: blockingThreadLimit)
        self.clock = clock
        self.selector = selector
        self.virtualTime = virtualTime
        tickStartedAt = clock.now()
        unobservedFailures.open(for: self)
        _ = serialExecutor  // Lazy only to name `self`: actors ask for it from any thread, so it is made here.
    }

    /// Whether work that names no executor comes to this loop; see ``becomeDefault()``.
    public internal(set) var isDefault = false

    deinit {
        // A loop that nobody closed: its idle threads would wait for work for ever. (Where the pool was shut down before, this
        // may be its last thread, with the pool's lock held.)
        if !isPoolShutDown { blockingPool.shutDown {} }
        portal.close()
        for failure in unobservedFailures.close() { Self.writeToStandardError(failure) }
    }

    /// The time on the loop's clock, as `loop.time()`.
    public var now: LoopTime { clock.now() }

    /// Whether a thread is inside ``run()``.
    public var isRunning: Bool { phase == .running }

    /// Whether ``close()`` was called.
    public var isClosed: Bool { phase == .closed }

    /// Timers that have not fired yet.
    public var timerCount: Int { timers.count }

    // MARK: Running

    /// Runs until ``stop()``, as `loop.run_forever()`.
    ///
    /// - Throws: ``EventLoopError/alreadyRunning`` when this loop runs, ``EventLoopError/anotherLoopIsRunning`` when
    ///   another one runs on this thread, ``EventLoopError/closed`` after a close, ``EventLoopError/wrongThread`` when it is
    ///   the loop of a runner of the main thread and this is another one, ``SystemCallError`` when the loop has to wait for
    ///   the first time and the process is out of descriptors.
    public func run() throws {
        try run(awaiting: 0) {}
    }

    /// As the public form; the end of the last of so many tasks, which know that they are awaited, ends it too.
    ///
    /// `begin` is called on the loop, before the first tick.
    func run(awaiting tasks: Int, _ begin: () throws -> Void) throws {
        try enter()
        defer { leave() }
        awaitedTasks = tasks
        // What runs on the loop brings its context with it; the caller's must not show through.
        if Context.entered === EnteredContext.outside { return try turn(begin) }
        try Context.place.withValue(.outside) { try turn(begin) }
    }

    private func turn(_ begin: () throws -> Void) throws {
        tickStartedAt = clock.now()
        isTickBegun = true
        try begin()
        repeat { try tick() } while !isStopping
    }

    /// Makes ``run()`` return when the present tick has ended; before a run, makes the next one do one tick.
    public func stop() {
        if refuses("stop()") { return }
        isStopping = true
    }

    /// Gives back what the loop holds.
    ///
    /// Work that is still queued is dropped, and with it what the loop's own tasks would do next: they never end. Of other
    /// tasks and threads, who sleeps on the loop or waits for a descriptor or for what was submitted gets
    /// ``EventLoopError/closed``, and who has given way, or was only here by default, goes on elsewhere. Programs that
    /// still run are killed. Asynchronous generators that have not ended stay where they are
    /// (``shutdownAsyncGenerators(timeout:)`` ends them before). The blocking pool takes nothing any more; what it was given
    /// before still runs, and nobody waits for it. Does nothing the second time. In debug mode each task, timer, callback and
    /// watched descriptor that is left is reported to the exception handler.
    ///
    /// - Throws: ``EventLoopError/closeWhileRunning`` when the loop runs.
    public func close() throws {
        guard phase != .running else { throw EventLoopError.closeWhileRunning }
        guard phase != .closed else { return }
        phase = .closed
        if isDebugging { reportLeftovers() }
        for failure in unobservedFailures.close() { report(failure) }
        signals?.restoreAll()
        signals = nil
        abandonPrograms()
        for descriptor in watches.keys { unwatch(descriptor) }
        for timer in timers.removeAll() { timer.loopClosed() }
        for alarm in taskAlarms.removeAll() { ring(alarm) }
        if isDefault {
            LoopDefaultExecutor.shared.leave(self, stopping: tasks.live)
            isDefault = false
        }
        for item in ready.removeAll() + inbox.close() { sendElsewhere(item) }
        leaveGeneratorsBehind()
        portal.close()
        shutDownPool {}
        tickEndWork = []
        selector.close()
    }

    /// Lets the pool's threads end with what they were given; see ``BlockingPool/shutDown(onEmpty:)``.
    func shutDownPool(onEmpty: @escaping @Sendable () -> Void) {
        isPoolShutDown = true
        blockingPool.shutDown(onEmpty: onEmpty)
    }

    private func enter() throws {
        switch phase {
        case .running: throw EventLoopError.alreadyRunning
        case .closed: throw EventLoopError.closed
        case .idle: break
        }
        guard EventLoop.running == nil else { throw EventLoopError.anotherLoopIsRunning }
        // libdispatch ends a process that serves its main queue on another thread.
        guard mainQueue == nil || MainQueue.isOnMainThread else { throw EventLoopError.wrongThread }
        phase = .running
        corund_set_running_loop(Unmanaged.passUnretained(self).toOpaque())
    }

    private func leave() {
        corund_set_running_loop(nil)
        phase = .idle
        isStopping = false
    }

    // MARK: The tick

    /// Looks at descriptors, the inbox and the clock; then runs what is ready now.
    ///
    /// What becomes ready meanwhile waits for the next tick, so that no amount of ready work keeps I/O or timers
    /// waiting.
    private func tick() throws {
        try poll()
        collectSignals()
        takeInbox()
        if !isTickBegun { tickStartedAt = clock.now() }
        isTickBegun = false
        collectDueTimers()
        tickCount &+= 1
        if let mainQueue { perform(.handle(mainQueue.drain)) }
        runReady()
        finishTick()
        if let measurements {
            measurements.tickDuration.record(nanoseconds: clock.now().nanoseconds(since: tickStartedAt))
        }
    }

    private func takeInbox() {
        guard inbox.hasItems else { return }
        inbox.drain(into: &inboxSpare)
        ready.append(contentsOf: inboxSpare)
        inboxSpare.removeAll(keepingCapacity: true)
    }

    private func runReady() {
        var batch = ready.takeBatch()
        if let virtualTime { virtualTime.permute(&batch) }
        // SAFETY: the array is on the stack until `end`, and nobody changes it meanwhile.
        batch.withUnsafeBufferPointer { items in
            ready.begin(items)
            for item in items {
                ready.beginItem()
                perform(item)
            }
        }
        ready.end()
        TickQueue.letGo(of: &batch)
        ready.reuse(&batch)
    }

    private func perform(_ item: ReadyItem) {
        if let debugRecords { runMeasured(item, debugRecords) } else { run(item) }
    }

    private func poll() throws {
        let limit = waitLimit()
        let sleeps = try limit != 0 && prepareToSleep()
        defer { if sleeps { inbox.wokeUp() } }
        // Nobody waits for a descriptor, and there is work: what other threads bring is in the inbox.
        if !sleeps, watches.isEmpty { return }
        isTickBegun = false
        try selector.wait(limit: sleeps ? limit : 0) { descriptor, readiness in
            if mainQueue?.hears(descriptor) == true { return }
            watches[descriptor]?.appendHandles(for: readiness, to: &ready)
        }
    }

    /// Sees to it that whatever brings work wakes the loop; false when there is some already.
    private func prepareToSleep() throws -> Bool {
        guard !inbox.hasItems else { return false }
        try mainQueue?.prepareToSleep(selector)
        guard try signals?.prepareToSleep() != false else { return false }
        return inbox.prepareToSleep()
    }

    /// Nanoseconds that the loop may sleep; nil: until it is woken.
    private func waitLimit() -> Int64? {
        guard ready.next.isEmpty, tickEndWork.isEmpty, !isStopping else { return 0 }
        guard let deadline = timers.nextDeadline else { return nil }
        guard deadline != .distantFuture else { return nil }
        return max(0, deadline.nanoseconds(since: clock.now()))
    }

    private func collectDueTimers() {
        while let timer = timers.popDue(at: tickStartedAt) {
            timer.becameDue()
            if let measurements {
                measurements.lag.record(nanoseconds: tickStartedAt.nanoseconds(since: timer.deadline))
            }
            ready.append(.handle(timer))
        }
    }

    /// Tick-end work that asks for more of it gets the next tick's end.
    private func finishTick() {
        guard !tickEndWork.isEmpty else { return }
        swap(&tickEndWork, &tickEndSpare)
        for work in tickEndSpare { work.tickDidEnd() }
        tickEndSpare.removeAll(keepingCapacity: true)
    }

    /// What is being run now.
    var currentItem: ReadyItem? { ready.current }

    /// How much of this tick's work has begun.
    var startedItemCount: Int { ready.begun }

    /// What waits for nothing but its turn, in this tick and the next one.
    func readyItems() -> [ReadyItem] { ready.waiting + inbox.peek() }

    /// How much that is.
    var readyDepth: Int { ready.waitingCount + inbox.count }

    // MARK: Entry

    /// For what can be waited for on the loop alone.
    func checkOnItsThread() throws {
        guard isOnItsThread else { throw inbox.isClosed ? EventLoopError.closed : .wrongThread }
    }

    /// Wakes a sleeping loop.
    ///
    /// From any thread, at any time; but, as all of a loop, from no handler of signals that C calls.
    public func wake() {
        selector.wake()
    }

    /// Appends to this tick's or the next one's work, on the loop's thread.
    func appendReady(_ item: ReadyItem) {
        ready.append(item)
    }

    /// Hands work over from any thread; false when the loop is closed.
    func push(_ item: ReadyItem) -> Bool {
        switch inbox.push(item) {
        case .accepted: return true
        case .closed: return false
        case .wakeLoop:
            selector.wake()
            return true
        }
    }

    /// Calls `work` once, when this tick has run what was ready and before the loop looks at descriptors again: the
    /// place to write out in one piece what the tick produced.
    package func atTickEnd(_ work: any TickEndWork) {
        tickEndWork.append(work)
    }
}

/// See ``EventLoop/atTickEnd(_:)``.
package protocol TickEndWork: AnyObject {
    func tickDidEnd()
}
