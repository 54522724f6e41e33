import CorundLoop

/// A task that runs one job after another, in one context.
///
/// Making a task for each job costs more than everything else on the way of a short one (allocation, status records,
/// task-local values), and resuming a waiting task a twentieth of that. A task whose job was cancelled is not used
/// again, because cancellation is for ever.
final class Carrier: @unchecked Sendable {
    // SAFETY: confined to the loop, on which its task runs.

    /// Kept: a pool that nobody else keeps goes with its last carrier.
    private let pool: CarrierPool
    private var job: JobExecution?
    /// Where it waits for its next job.
    private let place: ParkingPlace
    private let record: TaskRecord
    private var task: Task<Void, any Error>?
    private var isCancelled = false

    init(pool: CarrierPool) {
        self.pool = pool
        place = ParkingPlace(on: pool.loop)
        record = TaskRecord(in: pool.context, name: CarrierPool.taskName)
    }

    /// The number of its task.
    var taskID: UInt64 { record.id }

    /// Has the carrier run `job` in the loop's next tick.
    func take(_ job: JobExecution) {
        self.job = job
        job.carrier = self
        if !place.leave(), task == nil {
            task = pool.startTask(record) { [self] in await run() }
        }
    }

    /// Cancels the job that it runs.
    func cancel() {
        isCancelled = true
        task?.cancel()
        job?.children?.cancel()
    }

    /// Lets an idle carrier end.
    func dismiss() {
        place.leave()
    }

    private func run() async {
        while let job {
            let end: HandlerEnd
            do {
                let context = JobContext(execution: job, mail: pool.mail)
                end = .returned(try await job.kind.current.run(job.arguments, context))
            } catch {
                end = .threw(error)
            }
            if let children = job.children { await children.end() }
            pool.mail.deliver()
            self.job = nil
            job.carrier = nil
            let isKept = pool.didEnd(self, job, end, isReusable: !isCancelled)
            if self.job != nil {
                await EventLoop.yield()  // a long queue of short jobs is not to hold the loop
            } else if isKept {
                await place.wait()
            }
        }
    }
}

/// The carriers of one context.
final class CarrierPool {
    let loop: EventLoop
    let context: Context
    /// What handlers say elsewhere than on the loop.
    let mail: JobMail
    var onEnd: (JobExecution, HandlerEnd) -> Void
    private var idle: [Carrier] = []
    private var isClosed = false
    /// Jobs that run in this context.
    private(set) var running = 0

    /// Carriers that may wait for work; what is beyond ends with its job.
    private let mostIdle: Int

    init(
        loop: EventLoop, context: Context, mostIdle: Int = 1024, onEnd: @escaping (JobExecution, HandlerEnd) -> Void
    ) {
        self.loop = loop
        mail = JobMail(to: loop)
        self.context = context
        self.mostIdle = mostIdle
        self.onEnd = onEnd
    }

    func start(_ job: JobExecution) {
        running += 1
        (idle.popLast() ?? Carrier(pool: self)).take(job)
    }

    /// Ends the carriers that wait, and the others with their job.
    func close() {
        isClosed = true
        for carrier in idle { carrier.dismiss() }
        idle = []
    }

    /// What the tasks of carriers are called, also of those that wait for work.
    static let taskName = "carrier"

    func startTask(
        _ record: TaskRecord, _ operation: sending @escaping () async -> Void
    ) -> Task<Void, any Error> {
        do {
            return try loop.start(record, operation)
        } catch {
            preconditionFailure("jobs start only on a loop that runs: \(error)")
        }
    }

    /// Puts the carrier aside, and says that its job has ended, which may give it another one at once.
    ///
    /// - Returns: whether the carrier, when it has none, is to wait.
    func didEnd(_ carrier: Carrier, _ job: JobExecution, _ end: HandlerEnd, isReusable: Bool) -> Bool {
        running -= 1
        if isReusable, !isClosed, idle.count < mostIdle { idle.append(carrier) }
        onEnd(job, end)
        return idle.last === carrier
    }
}
