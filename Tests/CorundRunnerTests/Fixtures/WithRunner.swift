import CorundRunner
import Testing

@testable import CorundLoop

/// Lends `body` a runner; afterwards it is closed, and then no task, no generator, no timer and no thread of the pool may be
/// left, the loop and its descriptors must be closed, the thread must be without a current loop, and nothing may keep the
/// loop alive.
func withRunner(
    _ runner: Runner = Runner(), sourceLocation: SourceLocation = #_sourceLocation, _ body: (Runner) throws -> Void
) throws {
    weak var closed: EventLoop?
    // It owns the descriptors: those of the process cannot be counted while other tests run.
    weak var selector: (any Selector)?
    do {
        try body(runner)
        let loop = try? runner.loop
        (closed, selector) = (loop, loop?.selector)
        try runner.close()
        if let loop {
            expectClosed(loop, sourceLocation: sourceLocation)
            #expect(loop.blockingPoolCounts.threads == 0, "a thread is left", sourceLocation: sourceLocation)
        }
    }
    #expect(closed == nil, "something keeps the closed loop alive", sourceLocation: sourceLocation)
    #expect(selector == nil, "the descriptors are left open", sourceLocation: sourceLocation)
}

/// What every close leaves behind: nothing.
func expectClosed(_ loop: EventLoop, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(loop.isClosed, sourceLocation: sourceLocation)
    #expect(loop.taskCount == 0, "a task is left", sourceLocation: sourceLocation)
    #expect(loop.asyncGeneratorCount == 0, "a generator is left", sourceLocation: sourceLocation)
    #expect(loop.timerCount == 0, "a timer is left", sourceLocation: sourceLocation)
    #expect(loop.watches.isEmpty && loop.signals == nil, "a watch is left", sourceLocation: sourceLocation)
    #expect(loop.blockingPoolCounts.queued == 0, "blocking work is left", sourceLocation: sourceLocation)
    #expect(EventLoop.current == nil, "the thread still has a current loop", sourceLocation: sourceLocation)
}

extension Runner {
    /// Calls `callback` inside the running loop, on the way of a run.
    func runCalling(_ callback: @escaping () throws -> Void) throws {
        let loop = try loop
        try loop.callSoon {
            defer { loop.stop() }
            try callback()
        }
        #expect(throws: RunnerError.stoppedBeforeCompletion) {
            try run { try await loop.sleep(for: .seconds(Int64.max)) }
        }
    }
}
