import CorundRunner
import TestSupport
import Testing

/// `Runner.run { … }`, which makes a loop, runs in it and closes it.
struct OneShotRunTests {
    struct Failure: Error, Equatable {}

    @Test func theOneShotFormMakesALoopRunsAndClosesIt_R15() throws {
        let loops = Log<EventLoop>()
        let value = try Runner.run {
            loops.append(try #require(EventLoop.current))
            return 11
        }
        #expect(value == 11)
        expectClosed(try #require(loops.entries.first))
    }

    @Test func theOneShotFormClosesTheLoopWhenTheBodyThrows_R15() throws {
        let loops = Log<EventLoop>()
        #expect(throws: Failure()) {
            try Runner.run {
                let loop = try #require(EventLoop.current)
                loops.append(loop)
                try loop.spawn { try await loop.sleep(for: .seconds(Int64.max)) }
                throw Failure()
            }
        }
        expectClosed(try #require(loops.entries.first))
    }

    @Test(arguments: ["stops the loop", "cancels itself"])
    func theOneShotFormClosesTheLoopHoweverTheRunEnds_R15(itsBody: String) throws {
        let loops = Log<EventLoop>()
        #expect(throws: (any Error).self) {
            try Runner.run {
                let loop = try #require(EventLoop.current)
                loops.append(loop)
                if itsBody == "stops the loop" { loop.stop() } else { withUnsafeCurrentTask { $0?.cancel() } }
                try await loop.sleep(for: .seconds(Int64.max))
            }
        }
        expectClosed(try #require(loops.entries.first))
    }

    @Test func theOneShotFormTakesDebugAndAFactory_R15() throws {
        let loop = try EventLoop()
        try Runner.run(debug: true, loopFactory: { loop }) { #expect(loop.isDebugging && EventLoop.running === loop) }
        expectClosed(loop)
    }
}
