import Testing

@testable import CorundRunner

struct InterruptCountTests {
    struct Failure: Error, Equatable {}

    @Test func theFirstCancelsTheSecondStopsAndTheRestDoNothing_R26_R29() {
        var count = InterruptCount()
        let actions = (0..<4).map { count.interrupt(bodyIsCancelled: $0 > 0) }
        #expect(actions == [.cancelBody, .stopWaiting, .nothing, .nothing])
    }

    @Test func withoutAnInterruptErrorsMeanThemselves_R28() {
        let count = InterruptCount()
        #expect(count.meaning(of: nil) == nil)
        #expect(count.meaning(of: CancellationError()) is CancellationError)
        #expect(count.meaning(of: RunnerError.stoppedBeforeCompletion) as? RunnerError == .stoppedBeforeCompletion)
        #expect(count.meaning(of: Failure()) is Failure)
    }

    @Test func afterTheFirstACancellationMeansTheInterrupt_R26_R27() {
        var count = InterruptCount()
        _ = count.interrupt(bodyIsCancelled: false)
        #expect(count.meaning(of: nil) == nil)
        #expect(count.meaning(of: CancellationError()) as? RunnerError == .interrupted)
        #expect(count.meaning(of: RunnerError.stoppedBeforeCompletion) as? RunnerError == .stoppedBeforeCompletion)
        #expect(count.meaning(of: Failure()) is Failure)
    }

    @Test func aCancellationThatCameBeforeTheInterruptMeansItself_R28() {
        var count = InterruptCount()
        _ = count.interrupt(bodyIsCancelled: true)
        #expect(count.meaning(of: CancellationError()) is CancellationError)
    }

    @Test(arguments: [false, true])
    func afterTheSecondARunThatStoppedWasInterrupted_R29(bodyWasCancelled: Bool) {
        var count = InterruptCount()
        for _ in 0..<2 { _ = count.interrupt(bodyIsCancelled: bodyWasCancelled) }
        #expect(count.meaning(of: CancellationError()) as? RunnerError == .interrupted)
        #expect(count.meaning(of: RunnerError.stoppedBeforeCompletion) as? RunnerError == .interrupted)
        #expect(count.meaning(of: Failure()) is Failure)
    }

    @Test func oneThatTheBodyCouldNotHearOfEndsARunThatWouldReturn_R26() {
        var count = InterruptCount()
        count.interruptUnheard()
        #expect(count.meaning(of: nil) as? RunnerError == .interrupted)
        #expect(count.meaning(of: CancellationError()) is CancellationError)
        #expect(count.meaning(of: Failure()) is Failure)
    }
}
