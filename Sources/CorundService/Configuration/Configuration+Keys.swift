import CorundAPI
import Logging

extension Configuration: ConfigurationTable {
    /// Every key, in the order in which it is printed.
    public static let keys: [ConfigurationKey<Configuration>] = paths + wire + jobs + retries + kept + end

    /// The tables of access, of groups and of commands.
    public static let tables: [ConfigurationKey<Configuration>] = [
        .table("access", \.access, "Who may do what on the socket."),
        .tables("groups", \.groups, .group, "Groups of jobs that have limits."),
        .tables("commands", \.commands, .command, "Programs that may be submitted as jobs."),
    ]

    private static let day = Duration.seconds(86_400)

    private static let paths: [ConfigurationKey<Configuration>] = [
        // (sun_path has 108 bytes with its NUL.)
        .optional("socket", \.socket, .path(limit: 107), "Where the daemon listens.").fixed,
        .optional(
            "state-dir", \.stateDirectory, .path(limit: 4095), "Where the daemon keeps what must survive a restart."
        ).fixed,
        .required("durability", \.durability, .word, "What a submission that was answered survives.").fixed,
        .required("log-level", \.logLevel, .word, "The lowest level that is logged."),
        .required("debug", \.debug, .boolean, "Whether the loop runs in debug mode."),
    ]

    private static let wire: [ConfigurationKey<Configuration>] = [
        .required(
            "message-size", \.messageSize, .integer(4096...1_073_741_824),
            "The largest message on the socket, in bytes."),
        .required("nesting-depth", \.nestingDepth, .integer(1...512), "How deep the JSON of a message may be nested."),
        .required("calls-in-flight", \.callsInFlight, .integer(1...65_536), "Unanswered calls for each connection."),
        .required("connections-per-uid", \.connectionsPerUID, .integer(1...65_536), "Open connections for each user."),
    ]

    private static let jobs: [ConfigurationKey<Configuration>] = [
        .required("queue-length", \.queueLength, .integer(1...10_000_000), "Jobs that may wait."),
        .required("running-limit", \.runningLimit, .integer(1...1_000_000), "Jobs that may run at once."),
        .required(
            "priority-aging", \.priorityAging, .duration(upTo: day),
            "What one point of priority is worth in waiting time."),
    ]

    private static let retries: [ConfigurationKey<Configuration>] = [
        .required("crash-limit", \.crashLimit, .integer(1...1000), "Crashes after which a job is held.").fixed,
        .required(
            "retry-delay", \.retryDelay, .duration(upTo: day), "How long a job waits before its second attempt."),
        .required(
            "retry-delay-limit", \.retryDelayLimit, .duration(upTo: day),
            "How long a job waits before another attempt at most."),
    ]

    private static let kept: [ConfigurationKey<Configuration>] = [
        .required("retained-jobs", \.retainedJobs, .integer(0...10_000_000), "Ended jobs that are kept."),
        .required(
            "retained-bytes", \.retainedBytes, .integer(1_048_576...1_099_511_627_776),
            "Bytes that ended jobs may take on disk."),
        .required("retention", \.retention, .duration(upTo: day * 3650), "How long ended jobs are kept."),
        .required("output-limit", \.outputLimit, .outputLimit, "Bytes of each stream of a command that are kept."),
    ]

    private static let end: [ConfigurationKey<Configuration>] = [
        .required(
            "drain-timeout", \.drainTimeout, .duration(upTo: day),
            "How long running jobs have to end at the daemon's end."),
        .required("cancel-grace", \.cancelGrace, .duration(upTo: day), "How long cancelled jobs have to end."),
        .required(
            "pool-timeout", \.poolTimeout, .duration(upTo: day),
            "How long blocking work has to end at the daemon's end."),
    ]
}

extension ConfigurationValue<Int> {
    /// Two streams of that many control characters, which take six bytes each in JSON, still fit into a result.
    static let outputLimit = integer(0...4_194_304)
}

extension NameRule {
    static let group = NameRule(description: "1 to 1024 bytes long") { Submission.isName($0) }
}
