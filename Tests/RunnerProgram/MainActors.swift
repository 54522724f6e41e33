import CorundRunner
import Dispatch
import Glibc
import Synchronization

extension RunnerProgram {
    /// Async functions of the main actor, awaited from runs on the main thread.
    static func mainActor() throws {
        let runner = Runner()
        try runner.run {
            await sayWhere("a body")
            say("the body is back on the loop: \(EventLoop.running != nil)")
        }
        _ = try runner.loop.spawn {
            do { try await sleep() } catch { await sayWhere("a task at the close") }
        }
        try runner.run { await Task.yield() }
        try runner.close()
        try Runner.run {
            let reached = Flag()
            Task { @MainActor in reached.set() }
            while !reached.isSet { await EventLoop.yield() }
            say("a loop that never slept has served the main actor")
        }
        try Runner.run { await giveWay() }
        let loop = try EventLoop()
        let runners = (0..<2).map { _ in Runner { loop } }
        for runner in runners { try runner.run { await sayWhere("one of two runners of a loop") } }
        for runner in runners { try runner.close() }
        try Runner.run {
            async let other: Void = Task.detached { await sayWhere("a task elsewhere") }.value
            await sayWhere("a second loop")
            await other
        }
        // A task that has nothing to do with the loop, but for the thread.
        try Runner.run { try await Task { @MainActor in try await waitOnTheMainActor() }.value }
    }

    /// The loop of a runner of the main thread, run on another one.
    static func elsewhere() throws {
        let runner = Runner()
        let loop = try runner.loop
        let ended = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            do { try loop.run() } catch { say("elsewhere: \(error)") }
            ended.signal()
        }
        ended.wait()
        try runner.run { await sayWhere("its own run") }
        try runner.close()
    }

    @MainActor private static func waitOnTheMainActor() async throws {
        let numbers = AsyncGenerator { yield in for number in 1...3 { try await yield(number) } }
        for try await number in numbers {
            try await EventLoop.running?.sleep(for: .microseconds(number))
            say("the main actor has waited, on the main thread: \(isOnMainThread)")
        }
    }

    /// Runs on the main thread that may open nothing, and then one that may again.
    static func withoutDescriptors() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var none = limit
        none.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
        say("a run that never waits: \(try Runner.run { 42 })")
        do { try Runner.run { try await sleep() } } catch { say("a run that waits: \(error)") }
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try Runner.run { await sayWhere("a run with descriptors") }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)

        var isSet: Bool { value.load(ordering: .acquiring) }

        func set() {
            value.store(true, ordering: .releasing)
        }
    }

    @MainActor private static func giveWay() async {
        await EventLoop.yield()
        say("the main actor has given way to the loop, and is back on the main thread: \(isOnMainThread)")
    }

    @MainActor private static func sayWhere(_ who: String) async {
        await Task.yield()
        say("\(who) reached the main actor, on the main thread: \(isOnMainThread)")
    }
}
