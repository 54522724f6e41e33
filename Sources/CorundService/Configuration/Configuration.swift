public import Logging

/// What the administrator decides about a daemon.
///
/// The initial values are the defaults.
///
/// ``keys`` describes each of them in words, with its range; ``load(file:isRequired:)`` reads them from TOML files.
public struct Configuration: Sendable, Equatable {
    /// `socket`: the path of the socket to listen at; `nil` is the default path of the user or the system.
    public var socket: String?

    /// `state-dir`: the directory of what must survive a restart; `nil` is the default one of the user or the system.
    public var stateDirectory: String?

    /// `log-level`: the lowest level that is logged.
    public var logLevel = Logger.Level.info

    /// `debug`: whether the loop runs in debug mode.
    public var debug = false

    /// `message-size`: the largest message on the socket, in bytes.
    public var messageSize = 1_048_576

    /// `nesting-depth`: how deep arrays and objects of a message may be nested.
    public var nestingDepth = 64

    /// `calls-in-flight`: how many unanswered calls a connection may have before it is no longer read.
    public var callsInFlight = 128

    /// `connections-per-uid`: how many connections a user may have open.
    public var connectionsPerUID = 1024

    /// `queue-length`: how many jobs may wait.
    public var queueLength = 100_000

    /// `running-limit`: how many jobs may run at once.
    public var runningLimit = 1000

    /// `retained-jobs`: how many ended jobs are kept.
    public var retainedJobs = 100_000

    /// `retained-bytes`: how many bytes ended jobs may take on disk.
    public var retainedBytes = 1_073_741_824

    /// `retention`: how long ended jobs are kept.
    public var retention = Duration.seconds(7 * 86_400)

    /// `durability`: what is certain of a submission that was answered.
    public var durability = Durability.full

    /// `crash-limit`: after how many crashes of the daemon in which it ran a job is held.
    public var crashLimit = 3

    /// `retry-delay`: how long a job waits, about, before its second attempt; each time after that, twice as long.
    public var retryDelay = Duration.seconds(1)

    /// `retry-delay-limit`: how long a job waits before another attempt at most.
    public var retryDelayLimit = Duration.seconds(300)

    /// `priority-aging`: how long a job has to have waited to go before one that is one point of priority above it.
    public var priorityAging = Duration.seconds(10)

    /// `output-limit`: how many bytes of each of its two streams the result of a command keeps.
    public var outputLimit = 1_048_576

    /// `drain-timeout`: how long running jobs have to end when the daemon stops.
    public var drainTimeout = Duration.seconds(10)

    /// `cancel-grace`: how long cancelled jobs have to end.
    public var cancelGrace = Duration.seconds(5)

    /// `pool-timeout`: how long blocking work has to end when the loop closes (as asyncio's default of five minutes).
    public var poolTimeout = Duration.seconds(300)

    /// `[access]`: who may do what on the socket.
    public var access = AccessSettings()

    /// `[groups.NAME]`: the groups of jobs that have limits.
    public var groups: [String: GroupSettings] = [:]

    /// `[commands.NAME]`: the programs that may be submitted as jobs of the kind NAME.
    public var commands: [String: CommandSettings] = [:]

    /// The defaults.
    public init() {}
}

/// What is certain of a submission that was answered.
public enum Durability: String, Sendable, CaseIterable {
    /// It survives the machine's crash: it was written to the disk, and the disk has said so.
    case full
    /// It survives the daemon's crash; that of the machine may lose the last ones.
    case normal
    /// It is gone with the daemon: jobs are kept in memory, and there is no state folder.
    case none
}
