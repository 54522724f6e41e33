import Testing

@testable import CorundLoop

/// Every event in every state.
struct GeneratorMachineTests {
    typealias Machine = GeneratorMachine
    typealias State = Machine.State

    /// Each state, with what leads to it.
    static let states: [(State, @Sendable (inout Machine) -> Void)] = [
        (.created, { _ in }),
        (.running(closesAtYield: false), { _ = $0.requested(.next) }),
        (
            .running(closesAtYield: true),
            {
                _ = $0.requested(.next)
                _ = $0.closeUnattended()
            }
        ),
        (.suspended, suspend),
        (
            .closing(isAwaited: false, hasIgnoredExit: false),
            {
                suspend(&$0)
                _ = $0.closeUnattended()
            }
        ),
        (
            .closing(isAwaited: true, hasIgnoredExit: false),
            {
                suspend(&$0)
                _ = $0.closeRequested()
            }
        ),
        (
            .closing(isAwaited: false, hasIgnoredExit: true),
            {
                suspend(&$0)
                _ = $0.closeUnattended()
                _ = $0.yielded()
            }
        ),
        (
            .closing(isAwaited: true, hasIgnoredExit: true),
            {
                suspend(&$0)
                _ = $0.closeRequested()
                _ = $0.yielded()
            }
        ),
        (.finished, { _ = $0.closeRequested() }),
    ]

    @Sendable private static func suspend(_ machine: inout Machine) {
        _ = machine.requested(.next)
        _ = machine.yielded()
    }

    /// What `event` answers in each state, and where it leads; `expected` is in the order of `states`.
    private func check<Answer: Equatable>(
        _ event: (inout Machine) -> Answer, _ expected: [(Answer, State)],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try #require(expected.count == Self.states.count, sourceLocation: sourceLocation)
        for ((state, lead), (answer, next)) in zip(Self.states, expected) {
            var machine = Machine()
            lead(&machine)
            #expect(machine.state == state, sourceLocation: sourceLocation)
            #expect(event(&machine) == answer, "in \(state)", sourceLocation: sourceLocation)
            #expect(machine.state == next, "from \(state)", sourceLocation: sourceLocation)
        }
    }

    @Test func next_R51() throws {
        try check({ $0.requested(.next) }, [(.startBody, .running(closesAtYield: false))] + Self.requestsLater)
    }

    @Test func send_R51() throws {
        try check({ $0.requested(.send) }, [(.refuse(.notStarted), .created)] + Self.requestsLater)
    }

    @Test func throwing_R55() throws {
        try check({ $0.requested(.throwing) }, [(.throwBack, .finished)] + Self.requestsLater)
    }

    /// Once the body has begun, all ways to ask are the same.
    private static let requestsLater: [(Machine.Answer, State)] = [
        (.refuse(.alreadyRunning), .running(closesAtYield: false)),
        (.refuse(.alreadyRunning), .running(closesAtYield: true)),
        (.resumeBody, .running(closesAtYield: false)),
        (.end, .closing(isAwaited: false, hasIgnoredExit: false)),
        (.refuse(.alreadyRunning), .closing(isAwaited: true, hasIgnoredExit: false)),
        (.end, .closing(isAwaited: false, hasIgnoredExit: true)),
        (.refuse(.alreadyRunning), .closing(isAwaited: true, hasIgnoredExit: true)),
        (.end, .finished),
    ]

    @Test func aclose_R53() throws {
        try check(
            { $0.closeRequested() },
            [
                (.done, .finished),
                (.refuse(.alreadyRunning), .running(closesAtYield: false)),
                (.refuse(.alreadyRunning), .running(closesAtYield: true)),
                (.exitBody, .closing(isAwaited: true, hasIgnoredExit: false)),
                (.waitForBody, .closing(isAwaited: true, hasIgnoredExit: false)),
                (.waitForBody, .closing(isAwaited: true, hasIgnoredExit: false)),
                (.waitForBody, .closing(isAwaited: true, hasIgnoredExit: true)),
                (.waitForBody, .closing(isAwaited: true, hasIgnoredExit: true)),
                (.done, .finished),
            ])
    }

    @Test func theFinaliser_R57() throws {
        try check(
            { $0.closeUnattended() },
            [
                (false, .created),
                (false, .running(closesAtYield: true)),
                (false, .running(closesAtYield: true)),
                (true, .closing(isAwaited: false, hasIgnoredExit: false)),
                (false, .closing(isAwaited: false, hasIgnoredExit: false)),
                (false, .closing(isAwaited: true, hasIgnoredExit: false)),
                (false, .closing(isAwaited: false, hasIgnoredExit: true)),
                (false, .closing(isAwaited: true, hasIgnoredExit: true)),
                (false, .finished),
            ])
    }

    @Test func yield_R54() throws {
        try check(
            { $0.yielded() },
            [
                (.refuse(.yieldOutOfTurn), .created),
                (.deliver, .suspended),
                (.deliverAndExit, .closing(isAwaited: false, hasIgnoredExit: false)),
                (.refuse(.yieldOutOfTurn), .suspended),
                (.refuse(.ignoredExit), .closing(isAwaited: false, hasIgnoredExit: true)),
                (.refuse(.ignoredExit), .closing(isAwaited: true, hasIgnoredExit: true)),
                (.strand, .finished),
                (.strand, .finished),
                (.refuse(.yieldOutOfTurn), .finished),
            ])
    }

    @Test func theBodysEnd_R51() throws {
        try check(
            { $0.bodyEnded() },
            [
                (.none, .finished),
                (.answerConsumer, .finished),
                (.answerConsumer, .finished),
                (.releaseYield, .finished),
                (.answerClosers(hasIgnoredExit: false), .finished),
                (.answerClosers(hasIgnoredExit: false), .finished),
                (.answerClosers(hasIgnoredExit: true), .finished),
                (.answerClosers(hasIgnoredExit: true), .finished),
                (.none, .finished),
            ])
    }

    @Test func whichAreLeftOverAtClose_R71() {
        let open = Self.states.filter { state in
            var machine = Machine()
            state.1(&machine)
            return machine.isOpen
        }
        #expect(open.map(\.0) == [.running(closesAtYield: false), .suspended])
    }
}
