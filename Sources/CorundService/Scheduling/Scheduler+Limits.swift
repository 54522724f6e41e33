import CorundAPI
import CorundLoop

extension Scheduler {
    struct Limits {
        /// Jobs that run at once.
        var running: Int
        /// Jobs that wait for their turn, their predecessors or their time.
        var waiting: Int
        /// How long a job that was asked to end may take before it counts as stuck.
        var cancelGrace: Duration
        /// How much waiting one point of priority is worth; with zero, priorities mean nothing.
        var agingStep = Duration.seconds(10)
        /// The pauses between a job's attempts.
        var backoff = RetryBackoff()
    }

    /// Told to callers that find the queue full.
    private static let retryAfter = Duration.milliseconds(500)

    var runningCount: Int { running.count }
    var runningJobs: [JobExecution] { running.all }
    var waitingCount: Int { queue.count + agenda.count }
    var isFull: Bool { waitingCount >= limits.waiting }

    /// How many run and wait, in words, and why nothing starts where that is so.
    var summary: String {
        "\(runningCount.counting("job runs", "jobs run")), \(waitingCount.counting("waits", "wait"))"
            + (isPaused ? "; everything is paused" : "")
    }

    /// Changes the limits; what runs and waits already stays, also beyond them.
    func apply(_ limits: Limits) {
        self.limits = limits
        queue.setAgingStep(limits.agingStep)
        startNext()
    }

    /// - Parameters:
    ///   - immediate: jobs that wait for nothing but their turn: those that can start at once take no room.
    ///   - delayed: jobs that wait in any case, for their time or for predecessors.
    /// - Throws: ``JobsError/draining``; ``JobsError/queueFull(limit:retryAfterMilliseconds:)`` unless so many more jobs
    ///   may wait.
    func checkRoom(for immediate: Int, delayed: Int = 0) throws(JobsError) {
        guard !isDraining else { throw .draining }
        let startable = queue.isOpen && hasRoomToRun ? limits.running - runningCount : 0
        let waiting = delayed + max(0, immediate - startable)
        guard waiting == 0 || waiting <= limits.waiting - waitingCount else { throw queueFull }
    }

    /// As ``checkRoom(for:delayed:)`` for one job of that kind, which others that their groups keep waiting do not keep
    /// from starting.
    func checkRoom(forRunOf kind: RegisteredKind) throws(JobsError) {
        guard !isDraining else { throw .draining }
        guard isFull else { return }
        guard hasRoomToRun, queue.isOpen || queue.isOpen(to: kind.group, at: loop.tickStartedAt) else {
            throw queueFull
        }
    }

    private var queueFull: JobsError {
        .queueFull(limit: limits.waiting, retryAfterMilliseconds: Self.retryAfter.wholeMilliseconds)
    }

    /// Lets nothing start until ``release()``, so that jobs which are admitted meanwhile, in whatever order, get their
    /// turns in the queue's.
    ///
    /// For jobs of an earlier life of the daemon, and for changes that count together.
    func gather() {
        isGathering = true
    }

    /// Ends ``gather()``.
    func release() {
        isGathering = false
        startNext()
    }
}
