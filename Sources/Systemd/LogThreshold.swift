public import Logging
import Synchronization

/// The log level of all the handlers that share it, changeable while they are in use.
///
/// Loggers are values that are copied everywhere; this is what a reload, or a switch to debug mode, turns. A logger whose
/// `logLevel` was set for itself keeps its own. Safe to use from any thread.
public final class LogThreshold: Sendable {
    private let index: Atomic<Int>

    /// A threshold at a level.
    public init(_ level: Logger.Level = .info) {
        index = Atomic(Self.index(of: level))
    }

    /// The lowest level that is logged.
    public var level: Logger.Level {
        get { Self.levels[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    /// Kept: each use of `allCases` makes an array, and every logger asks for the level at every event.
    private static let levels = Logger.Level.allCases

    private static func index(of level: Logger.Level) -> Int {
        guard let index = levels.firstIndex(of: level) else {
            preconditionFailure("allCases holds every level")
        }
        return index
    }
}
