/// The life of an asynchronous generator: takes what happens, and says what is to be done.
///
/// It knows neither the loop nor the values that pass.
@usableFromInline
struct GeneratorMachine: Equatable {
    enum State: Equatable {
        /// The body has not begun.
        case created
        /// The body runs, and a consumer waits for it.
        case running(closesAtYield: Bool)
        /// The body waits at a `yield`.
        case suspended
        /// The body cleans up after a ``GeneratorExit``; someone may wait for that.
        case closing(isAwaited: Bool, hasIgnoredExit: Bool)
        /// The body has ended, will never begin, or waits for ever where nobody calls it any more.
        case finished
    }

    private(set) var state = State.created

    /// Whether the body has begun, and nobody has asked for its end.
    var isOpen: Bool {
        switch state {
        case .running(closesAtYield: false), .suspended: true
        case .created, .running(closesAtYield: true), .closing, .finished: false
        }
    }

    // MARK: What consumers ask for

    /// The ways to ask for an element.
    @usableFromInline
    enum Request: CaseIterable {
        case next, send, throwing
    }

    enum Answer: Equatable {
        case startBody
        case resumeBody
        /// Throws the consumer's error back to it: there is no `yield` to raise it at.
        case throwBack
        /// There is nothing more.
        case end
        case refuse(AsyncGeneratorError)
    }

    mutating func requested(_ request: Request) -> Answer {
        switch state {
        case .created: return begin(request)
        case .suspended:
            state = .running(closesAtYield: false)
            return .resumeBody
        case .running, .closing(isAwaited: true, _): return .refuse(.alreadyRunning)
        case .closing(isAwaited: false, _), .finished: return .end
        }
    }

    private mutating func begin(_ request: Request) -> Answer {
        switch request {
        case .next:
            state = .running(closesAtYield: false)
            return .startBody
        case .send: return .refuse(.notStarted)
        case .throwing:
            state = .finished
            return .throwBack
        }
    }

    // MARK: The end

    enum Closing: Equatable {
        /// Makes the pending `yield` throw ``GeneratorExit``; the end is to be waited for.
        case exitBody
        /// Someone else has begun that.
        case waitForBody
        case done
        case refuse(AsyncGeneratorError)
    }

    /// Someone asks for the end, and waits for it.
    mutating func closeRequested() -> Closing {
        switch state {
        case .running: return .refuse(.alreadyRunning)
        case .closing(_, let hasIgnoredExit):
            state = .closing(isAwaited: true, hasIgnoredExit: hasIgnoredExit)
            return .waitForBody
        case .created, .finished:
            state = .finished
            return .done
        case .suspended:
            state = .closing(isAwaited: true, hasIgnoredExit: false)
            return .exitBody
        }
    }

    /// Nobody will ask for more: true when the pending `yield` is to throw ``GeneratorExit`` now.
    ///
    /// A body that runs gets it at its next `yield`.
    mutating func closeUnattended() -> Bool {
        switch state {
        case .created, .closing, .finished: return false
        case .running:
            state = .running(closesAtYield: true)
            return false
        case .suspended:
            state = .closing(isAwaited: false, hasIgnoredExit: false)
            return true
        }
    }

    // MARK: What the body does

    enum Yielding: Equatable {
        case deliver
        /// Delivers, and makes the `yield` throw ``GeneratorExit`` at once.
        case deliverAndExit
        case refuse(AsyncGeneratorError)
        /// Never comes back to the body, which cannot be brought to end.
        case strand
    }

    mutating func yielded() -> Yielding {
        switch state {
        case .running(closesAtYield: false):
            state = .suspended
            return .deliver
        case .running(closesAtYield: true):
            state = .closing(isAwaited: false, hasIgnoredExit: false)
            return .deliverAndExit
        case .closing(let isAwaited, hasIgnoredExit: false):
            state = .closing(isAwaited: isAwaited, hasIgnoredExit: true)
            return .refuse(.ignoredExit)
        case .closing(_, hasIgnoredExit: true):
            state = .finished
            return .strand
        case .created, .suspended, .finished: return .refuse(.yieldOutOfTurn)
        }
    }

    enum Ending: Equatable {
        case answerConsumer
        case answerClosers(hasIgnoredExit: Bool)
        /// Some other task than the body's waits at a `yield`, and must be let go.
        case releaseYield
        /// All have been answered before.
        case none
    }

    mutating func bodyEnded() -> Ending {
        defer { state = .finished }
        switch state {
        case .running: return .answerConsumer
        case .closing(_, let hasIgnoredExit): return .answerClosers(hasIgnoredExit: hasIgnoredExit)
        case .suspended: return .releaseYield
        case .created, .finished: return .none
        }
    }
}
