/// Which jobs to list: the parameters of `List` of `io.corund.Jobs`.
///
/// A filter that is nil lets all through.
public struct JobFilter: Codable, Sendable, Equatable {
    /// In one of these states.
    public var states: [JobState]?
    /// Of this kind.
    public var job: String?
    /// Of this group.
    public var group: String?
    /// With this label: `name`, or `name=value`.
    public var label: String?
    /// At most so many to a page; 1 to 1000, 100 when nil.
    public var limit: Int?
    /// Older than the job of this id: `next` of the page before.
    public var before: String?

    /// A filter that lets all through.
    public init() {}
}
