import TestSupport
import Testing

/// In a process of its own, because a process has one default executor.
struct DefaultExecutorTests {
    @Test func workThatNamesNoExecutorComesToTheLoopUntilItsClose() throws {
        let program = try Program("default-executor")
        try program.expect(
            "installed: true", "default: true", "during the run, on the loop: true",
            "after the close, on the loop: false")
        #expect(try program.end() == .exited(0))
    }

    @Test func tasksThatACloseHasLeftBehindMayAllEndAtOnceElsewhere() throws {
        let program = try Program("default-executor-leftovers")
        try program.expect(
            "installed: true", "still counted: [100]",
            "corund: the error of a task was never retrieved [task late, made at a:1]: the runner is closed")
        program.goOn()
        #expect(try program.end() == .exited(0))
    }
}
