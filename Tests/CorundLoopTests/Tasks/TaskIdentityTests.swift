import TestSupport
import Testing

@testable import CorundLoop

struct TaskIdentityTests {
    /// Takes the jobs that it is given, and runs none before it is told to.
    private final class Collector: TaskExecutor, @unchecked Sendable {
        // SAFETY: confined to the test's thread.
        var jobs: [UnownedJob] = []

        func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

        func runAll() {
            while !jobs.isEmpty { jobs.removeFirst().runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    @Test func aTaskAndItsJobsAreTheSame_R73() throws {
        let collector = Collector()
        let continuations = Log<UnsafeContinuation<Void, Never>>()
        let tasks = (0..<3).map { _ in
            Task<Void, any Error>(executorPreference: collector) {
                await withUnsafeContinuation { continuations.append($0) }
            }
        }
        let identities = tasks.map { TaskIdentity(of: ErasedTask($0)) }
        #expect(Set(identities).count == 3)
        #expect(collector.jobs.map(TaskIdentity.init) == identities, "a task's first piece")
        collector.runAll()
        for continuation in continuations.entries { continuation.resume() }
        #expect(collector.jobs.map(TaskIdentity.init) == identities, "a task that goes on")
        collector.runAll()
    }
}
