/// What a reload may change: what the administrator decides, and the kinds of job.
public struct DaemonSettings: Sendable {
    /// Limits and times.
    public var configuration: Configuration
    /// The kinds of job; those that are not in it any more are not run any more.
    public var registry: JobRegistry
    /// What the host has to do when they are in force; called on the loop.
    public var whenInForce: @Sendable () -> Void

    /// Settings as above.
    public init(
        configuration: Configuration, registry: JobRegistry, whenInForce: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.registry = registry
        self.whenInForce = whenInForce
    }
}
