import Synchronization

/// The time of one loop for tests: it stands still while the loop works, and jumps to the next deadline when nothing is
/// ready.
///
///     try Runner.run(loopFactory: { .virtual(seed: 7) }) {
///         try await EventLoop.running?.sleep(for: .seconds(3600))  // returns at once, an hour later
///     }
///
/// Determinism: with the same seed, the same program takes the same steps in the same order. A seed permutes what is
/// ready in a tick: the pieces of different tasks among each other, and against callbacks and timers; and it has half
/// of the steps that a generator would make at once take their turn. What the loop promises stays true under every
/// seed, so that a program which fails under one relies on something that nobody promised: callbacks of `callSoon` keep
/// their order among each other, and so do timers (by deadline, then by creation), and the steps of one task; what
/// becomes ready in a tick runs in the next one; tick-end work comes last. Without a seed the order is that of any
/// other loop.
///
/// Other threads: while a closure of ``EventLoop/runBlocking(_:)`` is outstanding, or the pool is being shut down, the
/// loop really waits and the time stands still. (A timeout on such work therefore never passes.) Other work outside of
/// the loop, such as a `Task.detached` or a thread that will call `callSoonThreadSafe`, the loop cannot see: unless
/// ``standStill(while:)`` says that it is there, the time jumps past it. When it comes back is up to the machine; its
/// place in the order is the one thing that a seed does not settle.
///
/// Descriptors are real: before each jump the loop looks which are ready. When there is no deadline to jump to, it waits
/// for the descriptors that are watched and the signals that are handled; when there are none either, other than for the
/// loop's own ends, `run` throws ``DeadlockError``.
///
/// `Task.sleep` counts in the loop's time too, but not exactly: the runtime asks for a point on the real clock, of which a
/// little has passed when the loop hears of it; and one that was cancelled leaves its deadline, which is jumped to all the
/// same. ``EventLoop/sleep(for:fileID:line:)`` is exact, and leaves none.
public final class VirtualTime: LoopClock, Selector, @unchecked Sendable {
    // SAFETY: confined to the thread of its loop, as the loop is, save `holds` (atomic), and `entrance` (locked), through
    // which other threads come in.

    /// What decides the order of ready work; nil: it is run in the order in which it came.
    public let seed: UInt64?
    private var order: SeededOrder?
    private var time = LoopTime(nanoseconds: 0)
    private var watched: Set<CInt> = []
    private let holds = Atomic(0)
    private let entrance = Mutex(Entrance())
    private unowned var loop: EventLoop?

    /// How the loop is woken.
    private struct Entrance: Sendable {
        var isWoken = false
        // SAFETY: other threads call nothing but its `wake`, which any thread may.
        nonisolated(unsafe) var epoll: Epoll?
    }

    /// A time that begins at zero, for one loop: see ``EventLoop/init(virtualTime:)``.
    public init(seed: UInt64? = nil) {
        self.seed = seed
        order = seed.map(SeededOrder.init)
    }

    /// Makes it the time of `loop`.
    func attach(to loop: EventLoop) {
        precondition(self.loop == nil, "a VirtualTime is the time of one loop")
        self.loop = loop
    }

    /// The present.
    ///
    /// On the loop's thread.
    public func now() -> LoopTime { time }

    /// Lets `duration` pass, as if what runs now took so long; what is due by then runs in the next tick.
    ///
    /// On the loop's thread. Time does not go back: a negative duration is none.
    public func advance(by duration: Duration) {
        time = time + max(duration, .zero)
    }

    /// Keeps the time where it is while `work` runs, which the loop cannot see: that of other threads and executors.
    ///
    /// The loop goes on with what is ready, and then really waits.
    ///
    /// - Returns: what `work` returns.
    /// - Throws: what `work` throws.
    public func standStill<Result>(while work: () async throws -> Result) async rethrows -> Result {
        hold()
        defer { release() }
        return try await work()
    }

    /// Begins what ``release()`` ends: see ``standStill(while:)``.
    ///
    /// From any thread.
    func hold() {
        holds.add(1, ordering: .relaxed)
    }

    func release() {
        // The loop may be asleep without a limit, and is to go on with its timers.
        if holds.subtract(1, ordering: .releasing).newValue == 0 { wake() }
    }

    /// Puts what is ready in one tick into the order that the seed has for it.
    func permute(_ items: inout [ReadyItem]) {
        order?.permute(&items, keepingOrderIn: \.lane, gaveWay: \.gaveWay)
    }

    /// Whether the seed has a generator's step made at once, as it may be; without a seed it always is.
    func mayGoOnAtOnce() -> Bool {
        order?.chooses() ?? true
    }

    // MARK: Waiting

    package func watch(_ descriptor: CInt, for interest: Readiness, before: Readiness) throws(SystemCallError) {
        try realSelector().watch(descriptor, for: interest, before: before)
        if interest.isEmpty { watched.remove(descriptor) } else { watched.insert(descriptor) }
    }

    package func wait(limit: Int64?, report: (CInt, Readiness) -> Void) throws {
        var somethingCame = takeWakeUp()
        if !watched.isEmpty {
            try realSelector().wait(limit: 0) { descriptor, readiness in
                somethingCame = true
                report(descriptor, readiness)
            }
        }
        guard !somethingCame, limit != 0 else { return }
        if holds.load(ordering: .acquiring) > 0 { return try waitReally(report) }
        if let limit { return time = time + .nanoseconds(limit) }
        if loop?.waitsForDescriptors == true { return try waitReally(report) }
        throw DeadlockError(time: time, waiting: loop?.allTasks() ?? [])
    }

    /// From any thread.
    package func wake() {
        entrance.withLock { entrance in
            entrance.isWoken = true
            entrance.epoll?.wake()
        }
    }

    package func close() {
        entrance.withLock { $0.epoll?.close() }
    }

    private func takeWakeUp() -> Bool {
        entrance.withLock { entrance in
            defer { entrance.isWoken = false }
            return entrance.isWoken
        }
    }

    private func waitReally(_ report: (CInt, Readiness) -> Void) throws {
        let selector = realSelector()
        // Who came before there was a descriptor to write to is known by this alone.
        guard !takeWakeUp() else { return }
        try selector.wait(limit: nil, report: report)
        _ = takeWakeUp()
    }

    /// Made when it is needed: most loops in virtual time watch nothing and never really wait.
    private func realSelector() -> Epoll {
        if let epoll = entrance.withLock({ $0.epoll }) { return epoll }
        let epoll = Epoll()
        entrance.withLock { $0.epoll = epoll }
        return epoll
    }

    package var wakeDescriptor: CInt {
        get throws(SystemCallError) { try realSelector().wakeDescriptor }
    }
}

extension EventLoop {
    /// A new loop in virtual time, as a `loopFactory` of a runner makes it: `Runner(loopFactory: { .virtual(seed: 7) })`.
    ///
    /// - Parameter seed: permutes ready work, see ``VirtualTime``; nil: it is run in the order in which it came.
    /// - Returns: the loop.
    public static func virtual(seed: UInt64? = nil) -> EventLoop {
        EventLoop(virtualTime: VirtualTime(seed: seed))
    }

    /// A new loop whose time is `virtualTime`, which must not be that of another one.
    public convenience init(virtualTime: VirtualTime) {
        self.init(clock: virtualTime, selector: virtualTime, virtualTime: virtualTime)
        virtualTime.attach(to: self)
    }
}

/// In virtual time, a loop has nothing left to wait for: no work is ready, no timer is set, no descriptor is watched, and
/// nothing on another thread is known to be under way.
public struct DeadlockError: Error, Sendable, Equatable, CustomStringConvertible {
    /// When.
    public let time: LoopTime
    /// The tasks that wait.
    public let waiting: [TaskSnapshot]

    /// What happened, in words.
    public var description: String {
        let waiting = waiting.map { "\($0.name), made at \($0.createdAt)" }
        let tasks = waiting.isEmpty ? "no task is left" : "these tasks wait: " + waiting.joined(separator: "; ")
        return """
            nothing is left to wait for, \(time.duration(since: LoopTime(nanoseconds: 0))) after the start of virtual \
            time, and \(tasks) (work outside of the loop is seen inside VirtualTime.standStill alone)
            """
    }
}
