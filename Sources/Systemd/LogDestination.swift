import Glibc

/// Where log events go.
public enum LogDestination: Hashable, Sendable, CaseIterable {
    /// Native entries in the journal, with the metadata as fields.
    case journal

    /// Readable lines on standard error.
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
}
