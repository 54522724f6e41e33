import TestSupport
import Testing

/// In a process of its own, because a process has one default executor.
struct DefaultExecutorTests {
    @Test func workThatNamesNoExecutorComesToTheLoopUntilItsClose() throws {
        let program = try Program("default-executor")
        try program.expect(
            "installed: true", "default: true", "during the run, on the loop: true",
            "ticks for steps of a generator that waits for nothing: 0", "after the close, on the loop: false")
        #expect(try program.end() == .exited(0))
    }

    @Test func theLoopsOwnTasksComeNoFurtherWhenItIsClosed() throws {
        let program = try Program("default-executor-leftovers")
        try program.expect(
            "installed: true", "what was there by default went on, on the loop: false",
            "what had given way there, too: false", "tasks of the loop that went on: 0")
        #expect(try program.end() == .exited(0))
    }
}
