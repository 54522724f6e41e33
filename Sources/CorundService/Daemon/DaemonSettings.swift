/// What a reload may change: what the administrator decides, and the kinds of job.
public struct DaemonSettings: Sendable {
    /// Limits and times.
    public var configuration: Configuration
    /// The kinds of job; those that are not in it any more are not run any more.
    public var registry: JobRegistry

    /// Settings as above.
    public init(configuration: Configuration, registry: JobRegistry) {
        self.configuration = configuration
        self.registry = registry
    }
}
