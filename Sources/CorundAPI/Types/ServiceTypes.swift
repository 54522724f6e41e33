package import CorundLoop

/// What `Health` of `io.corund.Service` answers.
public struct Health: Codable, Sendable, Equatable {
    /// The loop turns.
    public var live: Bool
    /// It also admits work.
    public var ready: Bool
    /// Why it does not, and what else is wrong, for people.
    public var reasons: [String]
    /// Microseconds since the loop's present tick began.
    public var lastTickAgeMicroseconds: Int

    package init(live: Bool, ready: Bool, reasons: [String], lastTickAgeMicroseconds: Int) {
        self.live = live
        self.ready = ready
        self.reasons = reasons
        self.lastTickAgeMicroseconds = lastTickAgeMicroseconds
    }

    private enum CodingKeys: String, CodingKey {
        case live, ready, reasons
        case lastTickAgeMicroseconds = "last_tick_age_us"
    }
}

/// How a group of jobs stands: `Group` of `io.corund.Service`.
public struct Group: Codable, Sendable, Equatable {
    /// The group's name.
    public var name: String
    /// Jobs at work.
    public var running: Int
    /// Jobs that wait for their turn.
    public var queued: Int
    /// Jobs that may run at once; nil: no limit of its own.
    public var limit: Int?
    /// Whether it starts no job.
    public var paused: Bool

    package init(name: String, running: Int, queued: Int, limit: Int?, paused: Bool) {
        self.name = name
        self.running = running
        self.queued = queued
        self.limit = limit
        self.paused = paused
    }
}

/// A distribution of times in microseconds: `Histogram` of `io.corund.Service`.
public struct HistogramSummary: Codable, Sendable, Equatable {
    /// How many times were measured; the rest is zero when none were.
    public var count: Int
    /// The shortest.
    public var minimum: Int
    /// Half are at most this.
    public var p50: Int
    /// Nine of ten are at most this.
    public var p90: Int
    /// Ninety-nine of a hundred are at most this.
    public var p99: Int
    /// The longest.
    public var maximum: Int

    package init(count: Int, minimum: Int, p50: Int, p90: Int, p99: Int, maximum: Int) {
        self.count = count
        self.minimum = minimum
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.maximum = maximum
    }

    private enum CodingKeys: String, CodingKey {
        case count
        case minimum = "min_us"
        case p50 = "p50_us"
        case p90 = "p90_us"
        case p99 = "p99_us"
        case maximum = "max_us"
    }
}

/// What `Statistics` of `io.corund.Service` answers.
public struct Statistics: Codable, Sendable, Equatable {
    /// The daemon's version.
    public var version: String
    /// When it started.
    public var startedAt: Timestamp
    /// Milliseconds since then.
    public var uptimeMilliseconds: Int
    /// Whether the loop is in debug mode.
    public var debug: Bool
    /// Whether it admits nothing more.
    public var draining: Bool
    /// Whether everything is paused, beside the pauses of single groups; nil: an older daemon, which does not tell.
    public var paused: Bool?
    /// Detached and attached jobs that came into each state since the start.
    public var jobs: [String: Int]
    /// How groups stand: those that are set up or paused and, for one who sees everybody's jobs, others with most jobs.
    public var groups: [Group]
    /// Groups that are not listed; nil: none.
    public var otherGroups: Int?
    /// Turns of the loop.
    public var ticks: Int
    /// For how long a tick's work held the loop: what something that became ready meanwhile had to wait.
    public var loopLag: HistogramSummary
    /// From a job's admission to its start.
    public var submitToStart: HistogramSummary
    /// From a job's start to its end.
    public var runTime: HistogramSummary
    /// Coroutines alive on the loop.
    public var tasks: Int
    /// Timers set.
    public var timers: Int
    /// Clients connected.
    public var connections: Int
    /// Threads of the blocking pool.
    public var poolThreads: Int
    /// Those at work.
    public var poolBusy: Int
    /// Closures that wait for one.
    public var poolQueued: Int
    /// Resident memory.
    public var residentBytes: Int

    package init(
        version: String, startedAt: Timestamp, uptimeMilliseconds: Int, debug: Bool, draining: Bool,
        paused: Bool?, jobs: [String: Int], groups: [Group], otherGroups: Int?, ticks: Int, loopLag: HistogramSummary,
        submitToStart: HistogramSummary, runTime: HistogramSummary, tasks: Int, timers: Int, connections: Int,
        pool: BlockingPoolCounts, residentBytes: Int
    ) {
        self.version = version
        self.startedAt = startedAt
        self.uptimeMilliseconds = uptimeMilliseconds
        self.debug = debug
        self.draining = draining
        self.paused = paused
        self.jobs = jobs
        self.groups = groups
        self.otherGroups = otherGroups
        self.ticks = ticks
        self.loopLag = loopLag
        self.submitToStart = submitToStart
        self.runTime = runTime
        self.tasks = tasks
        self.timers = timers
        self.connections = connections
        poolThreads = pool.threads
        poolBusy = pool.busy
        poolQueued = pool.queued
        self.residentBytes = residentBytes
    }

    private enum CodingKeys: String, CodingKey {
        case version, debug, draining, paused, jobs, groups, ticks, tasks, timers, connections
        case otherGroups = "other_groups"
        case startedAt = "started_at"
        case uptimeMilliseconds = "uptime_ms"
        case loopLag = "loop_lag"
        case submitToStart = "submit_to_start"
        case runTime = "run_time"
        case poolThreads = "pool_threads"
        case poolBusy = "pool_busy"
        case poolQueued = "pool_queued"
        case residentBytes = "resident_bytes"
    }
}

/// A context that jobs run in, as `Contexts` of `io.corund.Service` lists it.
public struct ContextInfo: Codable, Sendable, Equatable {
    /// `shared` for the runner's own.
    public var name: String
    /// Jobs that run in it now.
    public var jobs: Int
    /// Its declared-visible variables, by name, as text.
    public var variables: [String: String]

    package init(name: String, jobs: Int, variables: [String: String]) {
        self.name = name
        self.jobs = jobs
        self.variables = variables
    }
}
