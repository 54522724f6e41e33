import Glibc

/// Told of errors that have no caller to go to.
///
/// It may throw: then the default handler is told instead.
public typealias ExceptionHandler = (ExceptionReport) throws -> Void

/// An error that has no caller to go to, as the `context` dictionary of asyncio's exception handlers.
public struct ExceptionReport: Sendable, CustomStringConvertible {
    /// What was going on.
    public let message: String
    /// What was thrown, if anything was.
    public let error: (any Error)?
    /// The task that it came from, if it came from one.
    public let taskName: String?
    /// The asynchronous generator that it came from, if it came from one.
    public let generatorName: String?
    /// `file:line` where the task or generator was made or, where there is none, the callback, timer or handler that it is
    /// about.
    public let createdAt: String?

    package init(
        message: String, error: (any Error)? = nil, taskName: String? = nil, generatorName: String? = nil,
        createdAt: String? = nil
    ) {
        self.message = message
        self.error = error
        self.taskName = taskName
        self.generatorName = generatorName
        self.createdAt = createdAt
    }

    /// All of it, on one line, whatever is in a name or an error.
    public var description: String {
        var text = message
        let origin = [
            taskName.map { "task \($0)" }, generatorName.map { "generator \($0)" }, createdAt.map { "made at \($0)" },
        ].compactMap(\.self)
        if !origin.isEmpty { text += " [" + origin.joined(separator: ", ") + "]" }
        if let error { text += ": \(error)" }
        return text.replacingUnprintables()
    }
}

extension EventLoop {
    /// Hands `report` to the exception handler, or to the default one, as `loop.call_exception_handler`.
    package func report(_ report: ExceptionReport) {
        guard let exceptionHandler else { return Self.writeToStandardError(report) }
        do { try exceptionHandler(report) } catch {
            Self.writeToStandardError(report)
            Self.writeToStandardError(ExceptionReport(message: "the loop's exception handler threw", error: error))
        }
    }

    static func writeToStandardError(_ report: ExceptionReport) {
        let line = "corund: \(report)\n"
        _ = line.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
