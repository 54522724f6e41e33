/// What a pending `yield` throws when its generator is closed, as Python's `GeneratorExit`.
///
/// A body lets it through, or catches it to clean up, and yields no more.
public struct GeneratorExit: Error, Sendable, Equatable, CustomStringConvertible {
    /// The error that ``AsyncGenerator/aclose()`` raises.
    public init() {}

    /// What happened, in words.
    public var description: String { "the asynchronous generator was closed" }
}

/// A misuse of an asynchronous generator.
public enum AsyncGeneratorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An operation while the body runs for another one.
    case alreadyRunning
    /// A value sent before the first `next()`, when there is no `yield` that could return it.
    case notStarted
    /// The body yielded again after ``GeneratorExit``.
    case ignoredExit
    /// A `yield` that nobody waits for: from a second task of the body, or after the body's end.
    case yieldOutOfTurn
    /// The first operation, outside of a running event loop.
    case noRunningLoop

    /// What happened, in words.
    public var description: String {
        switch self {
        case .alreadyRunning: "the asynchronous generator is already running"
        case .notStarted: "cannot send a value to an asynchronous generator that has not started; call next() first"
        case .ignoredExit: "the asynchronous generator ignored GeneratorExit: it yielded again instead of ending"
        case .yieldOutOfTurn: "the asynchronous generator yielded while nobody was waiting for an element"
        case .noRunningLoop: "an asynchronous generator needs a running event loop"
        }
    }
}
