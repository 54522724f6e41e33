import Glibc
public import Logging

/// Where log events go.
public enum LogDestination: Hashable, Sendable, CaseIterable {
    /// Native entries in the journal, by ``JournalLogHandler``.
    case journal

    /// Lines on standard error, by ``StderrLogHandler``.
    case standardError

    /// Whether a descriptor is connected to the journal, as `JOURNAL_STREAM` of systemd.exec(5) tells.
    ///
    /// The variable alone is not enough: a child inherits it though its standard error may be redirected elsewhere.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor to ask about; 2 is standard error. One that is not open is not the journal.
    ///   - environment: The environment that the process was started with.
    /// - Returns: Whether what is written to the descriptor reaches the journal.
    public static func isJournal(_ descriptor: Int32, environment: [String: String]) -> Bool {
        choose(environment: environment, standardError: try? FileIdentity(descriptor: descriptor)) == .journal
    }

    /// Chooses the destination: the journal when standard error is its stream, otherwise standard error.
    ///
    /// Pure: the same arguments give the same answer.
    ///
    /// - Parameters:
    ///   - environment: The environment that the process was started with.
    ///   - standardError: The file that standard error is open on, or `nil` when it is closed.
    /// - Returns: The destination.
    public static func choose(environment: [String: String], standardError: FileIdentity?) -> LogDestination {
        guard let standardError, let stream = environment["JOURNAL_STREAM"] else { return .standardError }
        return FileIdentity(journalStream: stream) == standardError ? .journal : .standardError
    }

    /// The destination for this process, by its environment and its standard error.
    ///
    /// - Parameter environment: The environment that the process was started with.
    /// - Returns: The destination.
    public static func current(environment: [String: String]) -> LogDestination {
        isJournal(STDERR_FILENO, environment: environment) ? .journal : .standardError
    }

    /// A handler for a logger that writes to this destination.
    ///
    /// What `main` gives to `LoggingSystem.bootstrap`; nothing process-wide is set here.
    ///
    /// - Parameters:
    ///   - label: The label of the logger.
    ///   - identifier: The name of the program: `SYSLOG_IDENTIFIER` in the journal.
    ///   - threshold: The level below which nothing is logged, shared by all handlers.
    ///   - metadataProvider: Where metadata from the surroundings of an event comes from.
    /// - Returns: ``JournalLogHandler`` or ``StderrLogHandler``.
    public func makeHandler(
        label: String,
        identifier: String,
        threshold: LogThreshold,
        metadataProvider: Logger.MetadataProvider? = nil
    ) -> any LogHandler {
        switch self {
        case .journal:
            JournalLogHandler(
                label: label, identifier: identifier, threshold: threshold, metadataProvider: metadataProvider)
        case .standardError:
            StderrLogHandler(label: label, threshold: threshold, metadataProvider: metadataProvider)
        }
    }
}
