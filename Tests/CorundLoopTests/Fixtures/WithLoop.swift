import Glibc
import TestSupport
import Testing

@testable import CorundLoop

/// Lends `body` a loop of its own; afterwards no task, generator, timer, watch or blocking work may be left in it, and once
/// it is closed no thread of its pool, none of its descriptors, and nothing that keeps it alive.
func withLoop(sourceLocation: SourceLocation = #_sourceLocation, _ body: (EventLoop) throws -> Void) throws {
    // It owns the descriptors: those of the process cannot be counted while other tests run.
    weak var selector: (any Selector)?
    let make = {
        let loop = try EventLoop()
        selector = loop.selector
        return loop
    }
    try withLoop(make, sourceLocation: sourceLocation, body)
    #expect(isTrueSoon { selector == nil }, "the descriptors are left open", sourceLocation: sourceLocation)
}

/// The same with a loop that `make` makes, which may keep the descriptors.
func withLoop(
    _ make: () throws -> EventLoop, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (EventLoop) throws -> Void
) throws {
    weak var closed: EventLoop?
    do {
        let loop = try make()
        closed = loop
        try body(loop)
        #expect(loop.taskCount == 0, "a task is left", sourceLocation: sourceLocation)
        #expect(loop.asyncGeneratorCount == 0, "a generator is left", sourceLocation: sourceLocation)
        #expect(loop.timerCount == 0, "a timer is left", sourceLocation: sourceLocation)
        #expect(loop.blockingPoolCounts.queued == 0, "blocking work is left", sourceLocation: sourceLocation)
        #expect(loop.watches.isEmpty, "a descriptor is still watched", sourceLocation: sourceLocation)
        try loop.close()
        #expect(loop.isClosed && loop.watches.isEmpty && loop.signals == nil, sourceLocation: sourceLocation)
        #expect(loop.poolThreadsEnd(), "a thread of the pool is left", sourceLocation: sourceLocation)
    }
    #expect(isTrueSoon { closed == nil }, "something keeps the closed loop alive", sourceLocation: sourceLocation)
}

/// Whether `condition` comes true within ten seconds: for what another thread may be letting go of just now, as one does on
/// which a task of the loop has ended; it tells nobody.
func isTrueSoon(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        sched_yield()
    }
    return true
}

/// The same with a loop in virtual time.
func withVirtualLoop(
    seed: UInt64? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (EventLoop, VirtualTime) throws -> Void
) throws {
    let time = VirtualTime(seed: seed)
    try withLoop({ EventLoop(virtualTime: time) }, sourceLocation: sourceLocation) { try body($0, time) }
}

extension EventLoop {
    /// Spawns `operation`, runs until it has ended, and gives what it gave.
    func complete<Success: Sendable>(
        context: Context? = nil, _ operation: sending @escaping () async throws -> Success
    ) throws -> Success {
        let outcome = Log<Result<Success, any Error>>()
        let task = try spawn(context: context, operation)
        try spawn { [self] in
            outcome.append(await Result.ofTask(task))
            stop()
        }
        try run()
        return try #require(outcome.entries.first).get()
    }

    /// Runs until the callback has been called that `arrange` is given to hand on.
    func runUntilCalled(_ arrange: (_ done: @escaping () -> Void) throws -> Void) throws {
        try arrange { [unowned self] in stop() }
        try run()
    }

    /// Whether all threads of the closed loop's pool have ended, or do so within ten seconds.
    fileprivate func poolThreadsEnd() -> Bool {
        let ended = Gate()
        blockingPool.shutDown { ended.open() }
        return ended.wait(milliseconds: 10_000)
    }

    /// Takes `count` turns.
    func turn(times count: Int = 1) throws {
        for _ in 0..<count {
            stop()
            try run()
        }
    }
}

extension Result where Failure == any Error, Success: Sendable {
    fileprivate static func ofTask(_ task: LoopTask<Success>) async -> Self {
        do { return .success(try await task.value) } catch { return .failure(error) }
    }
}
