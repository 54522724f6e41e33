import Testing

@testable import CorundLoop

/// Lends `body` a loop of its own; afterwards no task, generator, timer or watch may be left in it, and once it is closed
/// nothing may keep it alive.
func withLoop(
    _ make: () throws -> EventLoop = { try EventLoop() }, sourceLocation: SourceLocation = #_sourceLocation,
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
        let watched = loop.watches.keys.filter { $0 != loop.signals?.number }
        #expect(watched.isEmpty, "a descriptor is still watched", sourceLocation: sourceLocation)
        try loop.close()
        #expect(loop.isClosed && loop.watches.isEmpty, sourceLocation: sourceLocation)
    }
    #expect(closed == nil, "something keeps the closed loop alive", sourceLocation: sourceLocation)
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
