import TestSupport
import Testing

struct MainActorTests {
    @Test func codeOfTheMainActorMakesProgressWhileARunBlocksTheMainThread_R16() throws {
        let program = try Program("main-actor")
        try program.expect(
            "a body reached the main actor, on the main thread: true",
            "the body is back on the loop: true",
            "a task at the close reached the main actor, on the main thread: true",
            "a loop that never slept has served the main actor",
            "the main actor has given way to the loop, and is back on the main thread: true",
            "one of two runners of a loop reached the main actor, on the main thread: true",
            "one of two runners of a loop reached the main actor, on the main thread: true")
        let last = try [program.line(), program.line()].compactMap(\.self).sorted()
        #expect(
            last == [
                "a second loop reached the main actor, on the main thread: true",
                "a task elsewhere reached the main actor, on the main thread: true",
            ])
        for _ in 1...3 { try program.expect("the main actor has waited, on the main thread: true") }
        #expect(try program.end() == .exited(0))
    }

    @Test func aLoopThatServesTheMainActorRunsOnTheMainThreadAlone_R16() throws {
        let program = try Program("elsewhere")
        try program.expect(
            "elsewhere: this must be called on the event loop's own thread",
            "its own run reached the main actor, on the main thread: true")
        #expect(try program.end() == .exited(0))
    }

    @Test func aRunOnTheMainThreadOfAProcessWithoutDescriptorsDoesNotEndIt() throws {
        let program = try Program("no-descriptors")
        try program.expect(
            "a run that never waits: 42",
            "a run that waits: epoll_create1: Too many open files",
            "a run with descriptors reached the main actor, on the main thread: true")
        #expect(try program.end() == .exited(0))
    }
}
