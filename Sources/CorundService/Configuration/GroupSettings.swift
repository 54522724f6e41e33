import CorundAPI

/// What the administrator decides about a group of jobs.
public struct GroupSettings: Sendable, Equatable {
    /// Jobs of it that may run at once, at least 1; nil: without a limit of its own.
    public var limit: Int?

    /// Jobs of it that may start in a time; nil: as many as there are.
    public var rate: Rate?

    /// A group without limits.
    public init() {}
}

extension GroupSettings: ConfigurationTable {
    /// What may stand in `[groups.NAME]`.
    public static let keys: [ConfigurationKey<GroupSettings>] = [
        .optional("limit", \.limit, .integer(1...1_000_000), "Jobs of the group that may run at once."),
        .optional("rate", \.rate, .rate, "Jobs of the group that may start in a time."),
    ]
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

extension Rate: CustomStringConvertible {
    static let largestCount = 1_000_000
    /// Longer ones would never be seen to pass.
    private static let longestPeriod = Duration.seconds(365 * 86_400)

    /// `COUNT/TIME`, such as `10/s`, `100/min` or `5/10s`: a time without a number is one of its unit.
    ///
    /// nil for what is none, for a count outside of 1 to 1,000,000, and for a time that is zero or longer than a year.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0].trimmingSpaces), (1...Self.largestCount).contains(count) else {
            return nil
        }
        let time = parts[1].trimmingSpaces
        let isUnitAlone = time.first?.isLetter == true
        guard let period = try? TimeSpan.parse(isUnitAlone ? "1\(time)" : time), period > .zero,
            period <= Self.longestPeriod
        else { return nil }
        self.init(count: count, period: period)
    }

    /// As it is written in the configuration.
    public var description: String {
        let time = TimeSpan.render(period)
        let isOne = time.hasPrefix("1") && !time.dropFirst().contains(where: \.isNumber)
        return "\(count)/\(isOne ? String(time.dropFirst()) : time)"
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
