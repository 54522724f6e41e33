extension EventLoop {
    /// Runs what has its turn.
    func run(_ item: ReadyItem) {
        switch item {
        case .job(let job):
            job.runSynchronously(on: asUnownedTaskExecutor())
        case .isolatedJob(let job):
            job.runSynchronously(
                isolatedTo: serialExecutor.asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        case .defaultJob(let job):
            job.runSynchronously(on: LoopDefaultExecutor.shared.asUnownedTaskExecutor())
        case .turn(let job):
            run(isDefault ? .defaultJob(job) : .job(job))
        case .handle(let handle):
            do { try handle.run() } catch {
                report(
                    ExceptionReport(
                        message: "a callback of the loop threw", error: error, createdAt: handle.site.description))
            }
        }
    }

    /// Tasks that only happened to be here go on elsewhere.
    func sendElsewhere(_ item: ReadyItem) {
        switch item {
        case .defaultJob(let job): LoopDefaultExecutor.shared.passOn(job)
        case .turn(let job): Parking.shared.leave(job)
        case .job, .isolatedJob, .handle: break
        }
    }
}
