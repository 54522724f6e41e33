/// What the administrator decides about a group of jobs.
public struct GroupSettings: Sendable, Equatable {
    /// Jobs of it that may run at once, at least 1; nil: without a limit of its own.
    public var limit: Int?

    /// Jobs of it that may start in a time; nil: as many as there are.
    public var rate: Rate?

    /// A group without limits.
    public init() {}
}

/// So many in so long, as `10/s`.
public struct Rate: Sendable, Equatable {
    /// At least 1.
    public let count: Int

    /// More than zero.
    public let period: Duration

    /// A rate of `count` in each `period`.
    public init(count: Int, period: Duration) {
        self.count = count
        self.period = period
    }
}
