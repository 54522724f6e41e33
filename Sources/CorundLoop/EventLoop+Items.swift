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
        case .resumption(let continuation):
            isGivingTurnBack = true
            continuation.resume()
            isGivingTurnBack = false
        case .handle(let handle):
            do { try handle.run() } catch {
                report(
                    ExceptionReport(
                        message: "a callback of the loop threw", error: error, createdAt: handle.site.description))
            }
        }
    }

    /// Takes a piece of a task, on the loop's thread: for the next tick, unless it is that of the task whose turn it is.
    func takeJob(_ item: ReadyItem) {
        guard isGivingTurnBack else { return appendReady(item) }
        isGivingTurnBack = false
        run(item)
    }

    /// Tasks that only happened to be here go on elsewhere.
    func sendElsewhere(_ item: ReadyItem) {
        switch item {
        case .defaultJob(let job): LoopDefaultExecutor.shared.passOn(job)
        // To the task's executor; where that is this loop, the task comes no further.
        case .resumption(let continuation): continuation.resume()
        case .job, .isolatedJob, .handle: break
        }
    }
}
