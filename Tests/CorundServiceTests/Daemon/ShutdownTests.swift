import Testing

@testable import CorundService

/// Every phase × every event.
struct ShutdownTests {
    typealias Phase = Shutdown.Phase
    typealias Action = Shutdown.Action

    static let phases: [Phase] = [
        .serving, .draining(bySignal: false), .draining(bySignal: true), .cancelling, .over,
    ]
    private static let drainTimeout = Duration.seconds(10)
    private static let cancelGrace = Duration.seconds(5)

    /// Brought into its phase by events alone.
    private static func shutdown(in phase: Phase) -> Shutdown {
        var shutdown = Shutdown(drainTimeout: drainTimeout, cancelGrace: cancelGrace)
        switch phase {
        case .serving: break
        case .draining(bySignal: false): _ = shutdown.drainRequested(within: nil)
        case .draining(bySignal: true): _ = shutdown.signalled()
        case .cancelling:
            _ = shutdown.signalled()
            _ = shutdown.signalled()
        case .over:
            _ = shutdown.signalled()
            _ = shutdown.nothingRuns()
        }
        return shutdown
    }

    @Test(arguments: phases)
    func everyPhaseIsReached(phase: Phase) {
        #expect(Self.shutdown(in: phase).phase == phase)
    }

    @Test(arguments: phases)
    func aSignalDrainsAndASecondOneStopsWaiting(phase: Phase) {
        let expected: (Phase, Action) =
            switch phase {
            case .serving: (.draining(bySignal: true), .drain(limit: Self.drainTimeout, stopListening: true))
            case .draining(bySignal: false): (.draining(bySignal: true), .stopListening(limit: Self.drainTimeout))
            case .draining(bySignal: true): (.cancelling, .cancel(limit: Self.cancelGrace))
            case .cancelling, .over: (phase, .none)
            }
        Self.check(phase, { $0.signalled() }, expected)
    }

    @Test(arguments: phases, [nil, Duration.zero, .seconds(60)])
    func aDrainBeginsTheEndOnceAndClientsMayStillConnect(phase: Phase, limit: Duration?) {
        let expected: (Phase, Action) =
            phase == .serving
            ? (.draining(bySignal: false), .drain(limit: limit ?? Self.drainTimeout, stopListening: false))
            : (phase, .none)
        Self.check(phase, { $0.drainRequested(within: limit) }, expected)
    }

    @Test(arguments: phases)
    func whenTimeIsUpTheNextStepIsTaken(phase: Phase) {
        let expected: (Phase, Action) =
            switch phase {
            case .draining: (.cancelling, .cancel(limit: Self.cancelGrace))
            case .cancelling: (.over, .finish)
            case .serving, .over: (phase, .none)
            }
        Self.check(phase, { $0.timeIsUp() }, expected)
    }

    @Test(arguments: phases)
    func whenNothingRunsTheEndIsReached(phase: Phase) {
        let expected: (Phase, Action) =
            switch phase {
            case .draining, .cancelling: (.over, .finish)
            case .serving, .over: (phase, .none)
            }
        Self.check(phase, { $0.nothingRuns() }, expected)
    }

    private static func check(
        _ phase: Phase, _ event: (inout Shutdown) -> Action, _ expected: (phase: Phase, action: Action)
    ) {
        var shutdown = shutdown(in: phase)
        #expect(event(&shutdown) == expected.action)
        #expect(shutdown.phase == expected.phase)
    }
}
