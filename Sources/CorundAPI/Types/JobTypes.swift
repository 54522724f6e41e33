public import Varlink

/// Where a job stands: `State` of `io.corund.Jobs`.
public enum JobState: String, Codable, Sendable, CaseIterable {
    /// Waits for its time or its retry.
    case scheduled
    /// Accepted; waits for its turn.
    case queued
    /// Its handler is at work.
    case running
    /// Ended with a result.
    case succeeded
    /// Ended with an error, and no attempt is left.
    case failed
    /// Ended because somebody asked.
    case cancelled
    /// Ended because its time was up.
    case timedOut = "timed_out"
    /// The daemon ended first.
    case interrupted

    /// Whether nothing more will happen to the job.
    public var isFinal: Bool {
        switch self {
        case .scheduled, .queued, .running: false
        case .succeeded, .failed, .cancelled, .timedOut, .interrupted: true
        }
    }
}

/// A job to run: `Submission` of `io.corund.Jobs`.
public struct Submission: Codable, Sendable, Equatable {
    /// The registered kind.
    public var job: String
    /// Any JSON value; nil means `{}`.
    public var arguments: RawJSON?
    /// A key that a live or retained job has returns that job.
    public var key: String?
    /// A named context; nil: the runner's shared one; `isolated`: a fresh copy.
    public var context: String?
    /// The concurrency group; nil: the kind's.
    public var group: String?
    /// -100 to 100, higher runs first; 0 when nil.
    public var priority: Int?
    /// Milliseconds before it may start.
    public var delayMilliseconds: Int?
    /// When it may start.
    public var notBefore: Timestamp?
    /// Ids of jobs that must have succeeded before.
    public var after: [String]?
    /// Milliseconds that it may run; nil: the kind's.
    public var timeoutMilliseconds: Int?
    /// nil: the kind's.
    public var maxAttempts: Int?
    /// Free text for filters.
    public var labels: [String: String]?

    /// A submission of `job` with everything else as the kind has it.
    public init(job: String, arguments: RawJSON? = nil) {
        self.job = job
        self.arguments = arguments
    }

    /// The names of all members on the wire.
    package static let memberNames = Set(CodingKeys.allCases.map(\.rawValue))

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case job, arguments, key, context, group, priority, after, labels
        case delayMilliseconds = "delay_ms"
        case notBefore = "not_before"
        case timeoutMilliseconds = "timeout_ms"
        case maxAttempts = "max_attempts"
    }
}

/// Why an attempt at a job ended without success.
public struct Failure: Codable, Sendable, Equatable {
    /// The error's type, for programs.
    public var kind: String
    /// What happened, for people.
    public var message: String
    /// The attempt, from 1.
    public var attempt: Int
    /// The exit status of the program that failed, as a shell has it: 128 and the signal's number for one that a signal
    /// ended.
    ///
    /// nil when no program is meant.
    public var status: Int?

    /// A failure of the attempt number `attempt`.
    public init(kind: String, message: String, attempt: Int) {
        self.kind = kind
        self.message = message
        self.attempt = attempt
    }
}

/// An attempt at a job that has ended: `Attempt` of `io.corund.Jobs`.
public struct Attempt: Codable, Sendable, Equatable {
    /// From 1.
    public var attempt: Int
    /// What it came to.
    public var state: JobState
    /// Why it did not succeed.
    public var failure: Failure?
    /// When it began.
    public var startedAt: Timestamp
    /// When it ended.
    public var finishedAt: Timestamp

    package init(attempt: Int, state: JobState, failure: Failure?, startedAt: Timestamp, finishedAt: Timestamp) {
        self.attempt = attempt
        self.state = state
        self.failure = failure
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    private enum CodingKeys: String, CodingKey {
        case attempt, state, failure
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }
}

/// What becomes of a detached job that was running when the daemon died, or that the daemon's end interrupted:
/// `CrashPolicy` of `io.corund.Jobs`.
public enum CrashPolicy: String, Codable, Sendable, CaseIterable {
    /// It runs again: for jobs that may be done twice.
    case rerun
    /// It has failed: for jobs that must not be begun twice.
    case fail
    /// It stays interrupted until somebody asks for another attempt.
    case hold
}

/// A detached job: `Job` of `io.corund.Jobs`.
public struct Job: Codable, Sendable, Equatable {
    /// Unique for as long as the daemon's state is kept.
    public var id: String
    /// The kind.
    public var job: String
    /// Where it stands.
    public var state: JobState
    /// What it was given.
    public var arguments: RawJSON?
    /// What it gave, when it succeeded.
    public var result: RawJSON?
    /// Why it did not succeed.
    public var failure: Failure?
    /// Attempts begun so far.
    public var attempt: Int
    /// Attempts allowed.
    public var maxAttempts: Int
    /// The idempotency key.
    public var key: String?
    /// The context's name; `shared` for the runner's own.
    public var context: String
    /// The concurrency group.
    public var group: String
    /// -100 to 100.
    public var priority: Int
    /// Free text for filters.
    public var labels: [String: String]
    /// The user who submitted it.
    public var ownerUID: Int
    /// 0 to 1.
    public var progress: Double?
    /// What the job says it is doing.
    public var progressNote: String?
    /// When it was accepted.
    public var submittedAt: Timestamp
    /// When it may start.
    public var notBefore: Timestamp?
    /// When its present or last attempt began.
    public var startedAt: Timestamp?
    /// When it reached a final state.
    public var finishedAt: Timestamp?
    /// The jobs that it waits for, or has waited for, as submitted.
    public var after: [String]?
    /// Attempts before the present or last one, oldest first; of many the last ones.
    ///
    /// nil in lists.
    public var attempts: [Attempt]?

    package init(
        id: String, job: String, state: JobState, arguments: RawJSON?, attempt: Int, maxAttempts: Int, context: String,
        group: String, priority: Int, labels: [String: String], ownerUID: Int, submittedAt: Timestamp
    ) {
        self.id = id
        self.job = job
        self.state = state
        self.arguments = arguments
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.context = context
        self.group = group
        self.priority = priority
        self.labels = labels
        self.ownerUID = ownerUID
        self.submittedAt = submittedAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, job, state, arguments, result, failure, attempt, key, context, group, priority, labels, progress
        case after, attempts
        case maxAttempts = "max_attempts"
        case ownerUID = "owner_uid"
        case progressNote = "progress_note"
        case submittedAt = "submitted_at"
        case notBefore = "not_before"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }
}

/// Something that happened to a job: `Event` of `io.corund.Jobs`.
///
/// Exactly one of the optional properties is set.
public struct Event: Codable, Sendable, Equatable {
    /// How far a job has come.
    public struct Progress: Codable, Sendable, Equatable {
        /// 0 to 1.
        public var fraction: Double
        /// What the job says it is doing.
        public var note: String?

        package init(fraction: Double, note: String?) {
            self.fraction = fraction
            self.note = note
        }
    }

    /// A piece of what a program wrote.
    public struct Output: Codable, Sendable, Equatable {
        /// `stdout` or `stderr`.
        public var stream: String
        /// The bytes, as they are on the wire.
        public var base64: String
        /// The bytes; nil when ``base64`` is none.
        public var bytes: [UInt8]? { Base64.decode(base64) }

        package init(stream: String, base64: String) {
            self.stream = stream
            self.base64 = base64
        }
    }

    /// A line that a job logged.
    public struct Message: Codable, Sendable, Equatable {
        /// As swift-log names it.
        public var level: String
        /// The line.
        public var text: String

        package init(level: String, text: String) {
            self.level = level
            self.text = text
        }
    }

    /// The job.
    public var id: String
    /// From 1; of a job that says much, those between the first and the last ones are missing.
    public var sequence: Int
    /// When it happened.
    public var at: Timestamp
    /// The state that the job has come into.
    public var state: JobState?
    /// How far the job has come.
    public var progress: Progress?
    /// What a program wrote.
    public var output: Output?
    /// What the job logged.
    public var message: Message?

    package init(id: String, sequence: Int, at: Timestamp) {
        self.id = id
        self.sequence = sequence
        self.at = at
    }
}

/// A kind of job that the daemon knows: `Kind` of `io.corund.Jobs`.
public struct Kind: Codable, Sendable, Equatable {
    /// What submissions call it.
    public var name: String
    /// One line for people.
    public var summary: String
    /// A JSON Schema of the arguments.
    public var argumentsSchema: RawJSON?
    /// Whether detached jobs of it survive the daemon.
    public var durable: Bool
    /// The concurrency group of its jobs.
    public var group: String
    /// Milliseconds that a job may run; nil: without limit.
    public var timeoutMilliseconds: Int?
    /// Attempts that a job has.
    public var maxAttempts: Int
    /// What becomes of its detached jobs when the daemon dies.
    public var crashPolicy: CrashPolicy?

    package init(
        name: String, summary: String, argumentsSchema: RawJSON?, durable: Bool, group: String,
        timeoutMilliseconds: Int?, maxAttempts: Int, crashPolicy: CrashPolicy? = nil
    ) {
        self.name = name
        self.summary = summary
        self.argumentsSchema = argumentsSchema
        self.durable = durable
        self.group = group
        self.timeoutMilliseconds = timeoutMilliseconds
        self.maxAttempts = maxAttempts
        self.crashPolicy = crashPolicy
    }

    private enum CodingKeys: String, CodingKey {
        case name, summary, durable, group
        case argumentsSchema = "arguments_schema"
        case timeoutMilliseconds = "timeout_ms"
        case maxAttempts = "max_attempts"
        case crashPolicy = "crash_policy"
    }
}
