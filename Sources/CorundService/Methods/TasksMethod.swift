import CorundAPI
import CorundLoop
import Varlink

extension Interface {
    /// `Tasks`: the coroutines that are alive on the loop.
    mutating func addTasks(_ scheduler: Scheduler, _ wallClock: WallClock) {
        method("Tasks") { (_: NoParameters, _) in
            let jobs = Dictionary(
                scheduler.runningJobs.compactMap { job in job.carrier.map { ($0.taskID, job) } },
                uniquingKeysWith: { first, _ in first })
            return TasksResult(tasks: scheduler.loop.allTasks().onBehalf(of: jobs, at: wallClock.now()))
        }
    }
}

extension [TaskSnapshot] {
    /// The tasks as the wire has them at the time of day `now`, without the carriers that wait for work.
    ///
    /// Given are the jobs by the task that runs their handler; its children work for them too.
    func onBehalf(of jobs: [UInt64: JobExecution], at now: Timestamp) -> [TaskInfo] {
        var jobs = jobs
        return compactMap { task in
            let isHandler = jobs[task.id] != nil
            let job = jobs[task.id] ?? task.parent.flatMap { jobs[$0] }
            jobs[task.id] = job  // parents come before their children
            guard job != nil || task.name != CarrierPool.taskName else { return nil }
            return TaskInfo(
                id: "\(task.id)", parent: isHandler ? nil : task.parent.map { "\($0)" },
                name: isHandler ? job?.label ?? task.name : task.name, job: job.map { "\($0.id)" },
                state: task.state.rawValue, waitingFor: nil,
                createdAt: Timestamp(microseconds: now.microseconds - task.age.clampedNanoseconds / 1000),
                createdIn: task.createdAt, loopTimeMicroseconds: Int((task.loopTime?.clampedNanoseconds ?? 0) / 1000),
                context: job?.context.name ?? "shared")
        }
    }
}
