/// A coroutine that is alive on the daemon's loop: `Task` of `io.corund.Service`.
public struct TaskInfo: Codable, Sendable, Equatable {
    /// Unique in the daemon's life.
    public var id: String
    /// The id of the task that made it; nil when none did.
    public var parent: String?
    /// For people.
    public var name: String
    /// The id of the job that it works for.
    public var job: String?
    /// `ready`, `running` or `waiting`; a newer daemon may know others.
    public var state: String
    /// What it waits for, for people.
    public var waitingFor: String?
    /// When it was made.
    public var createdAt: Timestamp
    /// Where it was made: `file:line`.
    public var createdIn: String
    /// For how many microseconds it has held the loop.
    public var loopTimeMicroseconds: Int
    /// The context that it runs in.
    public var context: String

    package init(
        id: String, parent: String?, name: String, job: String?, state: String, waitingFor: String?,
        createdAt: Timestamp, createdIn: String, loopTimeMicroseconds: Int, context: String
    ) {
        self.id = id
        self.parent = parent
        self.name = name
        self.job = job
        self.state = state
        self.waitingFor = waitingFor
        self.createdAt = createdAt
        self.createdIn = createdIn
        self.loopTimeMicroseconds = loopTimeMicroseconds
        self.context = context
    }

    private enum CodingKeys: String, CodingKey {
        case id, parent, name, job, state, context
        case waitingFor = "waiting_for"
        case createdAt = "created_at"
        case createdIn = "created_in"
        case loopTimeMicroseconds = "loop_time_us"
    }
}
