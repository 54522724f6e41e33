import Synchronization
import TestSupport
import Testing

@testable import CorundLoop

struct UnobservedFailureTests {
    struct Failure: Error {}

    private let reports = Log<ExceptionReport>()

    /// Lends a loop whose reports are kept.
    private func withReportingLoop(_ body: (EventLoop) throws -> Void) throws {
        try withLoop { loop in
            loop.exceptionHandler = { [reports] in
                #expect(loop.isOnItsThread)
                reports.append($0)
            }
            try body(loop)
            loop.exceptionHandler = nil
        }
    }

    private func failing(on loop: EventLoop, name: String) throws -> LoopTask<Void> {
        try loop.spawn(name: name) { throw Failure() }
    }

    @Test func aFailureWhoseHandleIsGoneIsReportedWhenTheTaskEnds_R50() throws {
        try withReportingLoop { loop in
            _ = try failing(on: loop, name: "orphan")
            try loop.turn(times: 3)
        }
        let report = try #require(reports.entries.first)
        #expect(reports.count == 1)
        #expect(report.message == "the error of a task was never retrieved" && report.error is Failure)
        #expect(report.taskName == "orphan")
        #expect(report.createdAt?.hasPrefix("CorundLoopTests/UnobservedFailureTests.swift:") == true)
    }

    @Test func aFailureThatNobodyAskedForIsReportedWhenTheHandleGoes_R50() throws {
        try withReportingLoop { loop in
            var task: LoopTask? = try failing(on: loop, name: "held")
            try loop.turn(times: 3)
            #expect(reports.count == 0 && task?.isCancelled == false, "somebody may still ask")
            task = nil
            try loop.turn(times: 3)
        }
        #expect(reports.entries.map(\.taskName) == ["held"])
    }

    @Test func aHandleMayGoOnAnyThreadAndTheReportWakesTheLoop_R50() throws {
        let selector = try ObservedSelector()
        try withLoop({ EventLoop(clock: MonotonicClock(), selector: selector) }) { loop in
            let held = Mutex(Optional(try failing(on: loop, name: "abroad")))
            loop.exceptionHandler = { [reports, unowned loop] in
                #expect(loop.isOnItsThread)
                reports.append($0)
                loop.stop()
            }
            let thread = ForeignThread { [asleep = selector.asleep] in
                asleep.wait()
                held.withLock { $0 = nil }
            }
            try loop.run()
            thread.join()
            loop.exceptionHandler = nil
        }
        #expect(reports.entries.map(\.taskName) == ["abroad"])
    }

    @Test func whatSomeoneAskedForIsNotReported_R50() throws {
        try withReportingLoop { loop in
            #expect(throws: Failure.self) { try loop.complete { try await failing(on: loop, name: "asked").value } }
            var late: LoopTask? = try failing(on: loop, name: "asked late")
            try loop.turn()
            #expect(throws: Failure.self) { try loop.complete { [late] in try await late?.value } }
            late = nil
            try loop.turn(times: 3)
        }
        #expect(reports.count == 0)
    }

    @Test func neitherSuccessNorCancellationIsAFailure_R50() throws {
        try withReportingLoop { loop in
            try loop.spawn { 1 }
            try loop.spawn { throw CancellationError() }
            try loop.spawn { try await loop.sleep(for: .seconds(3600)) }.cancel()
            try loop.turn(times: 5)
        }
        #expect(reports.count == 0)
    }

    @Test func aReportThatTheLoopHasNotMadeBeforeItsCloseIsMadeThen_R50() throws {
        let loop = try EventLoop()
        loop.exceptionHandler = { [reports] in reports.append($0) }
        var task: LoopTask? = try failing(on: loop, name: "late")
        try loop.turn()
        #expect(task != nil)
        task = nil
        try loop.close()
        #expect(reports.entries.map(\.taskName) == ["late"])
    }

    @Test func aHandleThatOutlivesTheLoopStillTells_R50() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            for isClosed in [true, false] {
                var loop: EventLoop? = try EventLoop()
                let task = try loop?.spawn(name: isClosed ? "of a closed loop" : "of a lost loop") { throw Failure() }
                try loop?.turn()
                if isClosed { try loop?.close() }
                loop = nil
                _ = task?.name
            }
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        for name in ["of a closed loop", "of a lost loop"] {
            #expect(text.contains("corund: the error of a task was never retrieved [task \(name), made at"))
        }
    }

    @Test func handlesThatGoWhileTheLoopTurnsOrClosesTellOnce_R50() throws {
        for round in 0..<100 {
            let loop = try EventLoop()
            let reports = Log<String?>()
            loop.exceptionHandler = { reports.append($0.taskName) }
            let held = Mutex(try (0..<8).map { try failing(on: loop, name: "\($0)") })
            let start = Gate()
            let thread = ForeignThread {
                start.wait()
                while held.withLock({ $0.popLast() }) != nil {}
            }
            try loop.callSoon { start.open() }
            try loop.turn(times: round % 4 + 1)
            thread.join()
            try loop.turn()
            #expect(reports.entries.compactMap(\.self).sorted() == (0..<8).map(String.init))
            try loop.close()
            #expect(reports.count == 8)
        }
    }
}

struct FailureNoticeTests {
    @Test(arguments: [
        ([FailureNotice.Fact.failed, .handleGone], [false, true]),
        ([.handleGone, .failed], [false, true]),
        ([.failed, .observed, .handleGone], [false, false, false]),
        ([.observed, .handleGone, .failed], [false, false, false]),
        ([.handleGone, .observed, .failed], [false, false, false]),
        ([.handleGone, .failed, .failed, .handleGone, .observed], [false, true, false, false, false]),
    ])
    func aFailureIsTakenNoteOfOnceWhenNobodyWillHearOfIt_R50(facts: [FailureNotice.Fact], due: [Bool]) {
        let notice = FailureNotice()
        #expect(facts.map { notice.note($0) } == due)
    }
}
