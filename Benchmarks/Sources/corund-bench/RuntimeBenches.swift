import CorundRunner

/// What Swift's own tasks cost on an executor that is a queue and nothing more: the floor of the benches of tasks.
func benchRuntime() throws -> Figures {
    let queue = Queue()
    // First: after the others, each task would have libc give memory back to the kernel and take it again.
    let run = perCall {
        Task(executorPreference: queue) {}
        queue.run()
    }
    let memory = memoryOfWaitingTasks(on: queue)
    spawnMany(on: queue)  // as in the bench of the loop, second round of two
    let start = now()
    spawnMany(on: queue)
    return [
        ("runtime_memory_bytes", memory), ("runtime_run_ns", run * 1e9),
        ("runtime_spawn_per_s", Double(many) / (now() - start)),
    ]
}

/// Tasks that each wait once, made, then resumed, then let go of.
private func spawnMany(on queue: Queue) {
    let tasks = waitingTasks(on: queue)
    queue.resumeAll()
    withExtendedLifetime(tasks) {}
}

private func memoryOfWaitingTasks(on queue: Queue) -> Double {
    let before = residentMemory()
    let tasks = waitingTasks(on: queue)
    let grown = residentMemory() - before
    queue.resumeAll()
    withExtendedLifetime(tasks) {}
    return grown / Double(many)
}

private func waitingTasks(on queue: Queue) -> [Task<Int, any Error>] {
    let tasks = (0..<many).map { _ in
        Task(executorPreference: queue) { () async throws -> Int in
            await withUnsafeContinuation { queue.waiting.append($0) }
            return 1
        }
    }
    queue.run()
    return tasks
}

private final class Queue: TaskExecutor, @unchecked Sendable {
    // SAFETY: one thread uses it.
    private var jobs: [UnownedJob] = []
    var waiting: [UnsafeContinuation<Void, Never>] = []

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.append(UnownedJob(job))
    }

    func run() {
        let batch = jobs
        jobs.removeAll(keepingCapacity: true)
        for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    func resumeAll() {
        for continuation in waiting { continuation.resume() }
        waiting.removeAll(keepingCapacity: true)
        run()
    }
}
