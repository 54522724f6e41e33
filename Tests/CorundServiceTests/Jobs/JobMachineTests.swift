import CorundAPI
import Testing
import Varlink

@testable import CorundService

/// Every phase × every event.
struct JobMachineTests {
    typealias Phase = JobMachine.Phase
    typealias Action = JobMachine.Action

    static let causes: [CancelCause] = [.request(reason: "why"), .hangUp, .timeout(milliseconds: 5), .daemonEnd]
    static let finals: [JobState] = [.succeeded, .failed, .cancelled, .timedOut, .interrupted]
    static let phases: [Phase] =
        [.scheduled, .queued, .starting, .running(cause: nil)] + causes.map { .running(cause: $0) }
        + finals.map { .ended($0) }

    /// A machine in its second attempt of three, brought there by events alone.
    private static func machine(in phase: Phase, maxAttempts: Int = 3) -> JobMachine {
        var machine = JobMachine(isDelayed: true, maxAttempts: maxAttempts)
        _ = machine.becameDue()
        _ = machine.gotTurn()
        _ = machine.startWasRecorded()
        _ = machine.handlerEnded(failure)  // back to scheduled
        if phase == .scheduled { return machine }
        _ = machine.becameDue()
        if phase == .queued { return machine }
        _ = machine.gotTurn()
        if phase == .starting { return machine }
        _ = machine.startWasRecorded()
        switch phase {
        case .scheduled, .queued, .starting: break
        case .running(let cause): if let cause { _ = machine.cancel(cause) }
        case .ended(.timedOut): while machine.handlerEnded(outcome(for: .timedOut)) == .retry { restart(&machine) }
        case .ended(let state): _ = machine.handlerEnded(outcome(for: state))
        }
        return machine
    }

    /// Brings a machine that is to try again to where its handler runs.
    private static func restart(_ machine: inout JobMachine) {
        _ = machine.becameDue()
        _ = machine.gotTurn()
        _ = machine.startWasRecorded()
    }

    private static let failure = JobOutcome.failed(JobFailure(kind: "Broken", message: "it broke"))

    private static func outcome(for state: JobState) -> JobOutcome {
        switch state {
        case .succeeded: .succeeded(.emptyObject)
        case .failed: .invalidArguments(path: "", message: "")
        case .cancelled: .cancelled(.hangUp)
        case .timedOut: .cancelled(.timeout(milliseconds: 1))
        case .interrupted: .cancelled(.daemonEnd)
        case .scheduled, .queued, .running: failure
        }
    }

    @Test(arguments: phases)
    func everyPhaseIsReached(phase: Phase) {
        let machine = Self.machine(in: phase)
        #expect(machine.phase == phase)
        switch phase {
        case .scheduled, .queued, .ended(.interrupted): #expect(machine.attempt == 1)
        case .ended(.timedOut): #expect(machine.attempt == 3)
        case .starting, .running, .ended: #expect(machine.attempt == 2)
        }
    }

    @Test func aJobBeginsQueuedUnlessItIsDelayed() {
        #expect(JobMachine(isDelayed: false, maxAttempts: 1).phase == .queued)
        #expect(JobMachine(isDelayed: true, maxAttempts: 1).phase == .scheduled)
        #expect(JobMachine(isDelayed: false, maxAttempts: 1).attempt == 0)
    }

    @Test(arguments: phases)
    func onlyAScheduledJobBecomesDue(phase: Phase) {
        Self.check(phase, { $0.becameDue() }, phase == .scheduled ? (.queued, .enqueue) : (phase, .none))
    }

    @Test(arguments: phases)
    func onlyAQueuedJobGetsItsTurn(phase: Phase) {
        Self.check(phase, { $0.gotTurn() }, phase == .queued ? (.starting, .start) : (phase, .none))
    }

    @Test(arguments: phases)
    func aHandlerIsCalledOnceTheStartIsRecorded(phase: Phase) {
        Self.check(
            phase, { $0.startWasRecorded() }, phase == .starting ? (.running(cause: nil), .launch) : (phase, .none))
    }

    @Test(arguments: phases, causes)
    func cancelling(phase: Phase, cause: CancelCause) {
        let expected: (Phase, Action) =
            switch phase {
            case .scheduled, .queued, .starting: (.ended(cause.state), .finish(cause.state))
            case .running(nil): (.running(cause: cause), .cancelHandler)
            case .running(.timeout), .running(.daemonEnd): (Self.replacing(phase, by: cause), .none)
            case .running, .ended: (phase, .none)  // the first cause counts
            }
        Self.check(phase, { $0.cancel(cause) }, expected)
    }

    /// The job would run again, and a request ends it for good.
    private static func replacing(_ phase: Phase, by cause: CancelCause) -> Phase {
        if case .request = cause { .running(cause: cause) } else { phase }
    }

    @Test func atItsLastAttemptsTimeoutTheFirstCauseCounts() {
        var machine = Self.machine(in: .running(cause: .timeout(milliseconds: 5)), maxAttempts: 2)
        #expect(machine.cancel(.request(reason: nil)) == .none)
        #expect(machine.cancelCause == .timeout(milliseconds: 5))
    }

    @Test(arguments: phases)
    func aHandlerThatReturnsHasSucceededWhateverItWasAsked(phase: Phase) {
        Self.check(
            phase, { $0.handlerEnded(.succeeded(.emptyObject)) },
            Self.isRunning(phase) ? Self.end(.succeeded) : (phase, .none))
    }

    @Test(arguments: phases)
    func aHandlerThatRefusesItsArgumentsIsNotTriedAgain(phase: Phase) {
        let outcome = JobOutcome.invalidArguments(path: "a", message: "b")
        Self.check(phase, { $0.handlerEnded(outcome) }, Self.isRunning(phase) ? Self.end(.failed) : (phase, .none))
    }

    @Test(arguments: phases)
    func aHandlerThatFailsIsTriedAgainUnlessItsJobWasToEnd(phase: Phase) {
        let expected: (Phase, Action) =
            switch phase {
            case .running(nil), .running(.timeout): (.scheduled, .retry)
            case .running(.daemonEnd): Self.end(.interrupted)  // a failure for want of the daemon, most likely
            case .running: Self.end(.failed)
            case .scheduled, .queued, .starting, .ended: (phase, .none)
            }
        Self.check(phase, { $0.handlerEnded(Self.failure) }, expected)
    }

    @Test(arguments: phases, causes)
    func aHandlerThatWasCancelledEndsAsItsCauseSays(phase: Phase, cause: CancelCause) {
        let end: (Phase, Action) = if case .timeout = cause { (.scheduled, .retry) } else { Self.end(cause.state) }
        Self.check(phase, { $0.handlerEnded(.cancelled(cause)) }, Self.isRunning(phase) ? end : (phase, .none))
    }

    /// The timeout is an attempt's, not the job's.
    @Test func onlyTheLastAttemptsTimeoutIsTheJobs() {
        var machine = JobMachine(isDelayed: false, maxAttempts: 2)
        let cause = CancelCause.timeout(milliseconds: 5)
        for expected in [Action.retry, .finish(.timedOut)] {
            Self.restart(&machine)
            #expect(machine.cancel(cause) == .cancelHandler)
            #expect(machine.handlerEnded(.cancelled(cause)) == expected)
        }
        #expect(machine.attempt == 2)
    }

    @Test func anErrorInAnswerToTheDaemonsEndFailsTheLastAttempt() {
        var machine = Self.machine(in: .running(cause: .daemonEnd), maxAttempts: 2)
        #expect(machine.handlerEnded(Self.failure) == .finish(.failed))
        #expect(machine.attempt == 2)
    }

    @Test func anErrorInAnswerToTheDaemonsEndCostsNoAttemptWhereOneIsLeft() {
        var machine = Self.machine(in: .running(cause: .daemonEnd))
        #expect(machine.handlerEnded(Self.failure) == .finish(.interrupted))
        #expect(machine.attempt == 1)
    }

    @Test func theLastAttemptThatFailsIsTheEnd() {
        var machine = Self.machine(in: .running(cause: nil), maxAttempts: 2)
        #expect(machine.attempt == 2)
        #expect(machine.handlerEnded(Self.failure) == .finish(.failed))
        #expect(machine.phase == .ended(.failed))
    }

    @Test func eachTurnIsAnAttempt() {
        var machine = JobMachine(isDelayed: false, maxAttempts: 3)
        for attempt in 1...3 {
            #expect(machine.gotTurn() == .start)
            #expect(machine.attempt == attempt)
            #expect(machine.startWasRecorded() == .launch)
            #expect(machine.handlerEnded(Self.failure) == (attempt < 3 ? .retry : .finish(.failed)))
            _ = machine.becameDue()
        }
    }

    @Test func zeroAttemptsAllowedAreAnyNumber() {
        var machine = JobMachine(isDelayed: false, attempt: 1_000_000, maxAttempts: 0)
        _ = machine.gotTurn()
        _ = machine.startWasRecorded()
        #expect(machine.handlerEnded(Self.failure) == .retry)
        #expect(machine.attempt == 1_000_001)
    }

    @Test(arguments: causes)
    func aJobThatIsCancelledBeforeItsStartIsRecordedHasBegunNoAttempt(cause: CancelCause) {
        var machine = Self.machine(in: .starting)
        _ = machine.cancel(cause)
        #expect(machine.attempt == 1)
        #expect(machine.startWasRecorded() == .none)
    }

    @Test(arguments: causes)
    func anInterruptionAloneCostsNoAttempt(cause: CancelCause) {
        var machine = Self.machine(in: .running(cause: cause))
        _ = machine.handlerEnded(.cancelled(cause))
        #expect(machine.attempt == (cause == .daemonEnd ? 1 : 2))
    }

    @Test(arguments: phases)
    func theCauseIsKnownWhileTheHandlerRuns(phase: Phase) {
        let machine = Self.machine(in: phase)
        if case .running(let cause) = phase {
            #expect(machine.cancelCause == cause)
        } else {
            #expect(machine.cancelCause == nil)
        }
    }

    @Test(arguments: phases)
    func theStateIsThePhaseAsTheWireHasIt(phase: Phase) {
        let state: JobState =
            switch phase {
            case .scheduled: .scheduled
            case .queued: .queued
            case .starting, .running: .running
            case .ended(let state): state
            }
        #expect(Self.machine(in: phase).state == state)
    }

    private static func isRunning(_ phase: Phase) -> Bool {
        if case .running = phase { true } else { false }
    }

    private static func end(_ state: JobState) -> (Phase, Action) { (.ended(state), .finish(state)) }

    private static func check(
        _ phase: Phase, _ event: (inout JobMachine) -> Action, _ expected: (phase: Phase, action: Action)
    ) {
        var machine = machine(in: phase)
        #expect(event(&machine) == expected.action)
        #expect(machine.phase == expected.phase)
    }
}
