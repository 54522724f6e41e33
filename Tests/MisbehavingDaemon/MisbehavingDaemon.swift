import CorundAPI
import CorundRunner
import CorundService
import Dispatch
import Glibc

/// A daemon of the library, as a host would build one, with kinds of job that misbehave.
@main
enum MisbehavingDaemon {
    static func main() throws {
        _ = mainThread
        try Daemon.prepareProcess()
        // As a service manager that changes its mind would, before the daemon is up.
        for _ in 0..<(number("DAEMON_SIGNALS") ?? 0) { kill(getpid(), SIGTERM) }
        var configuration = Configuration()
        configuration.socket = text("DAEMON_SOCKET")
        configuration.retainedJobs = 1_000_000
        if let limit = number("DAEMON_DRAIN_MS") { configuration.drainTimeout = .milliseconds(limit) }
        if let grace = number("DAEMON_GRACE_MS") { configuration.cancelGrace = .milliseconds(grace) }
        let daemon = daemon(configuration)
        if text("DAEMON_ELSEWHERE") != nil { return try runOnAnotherThread(daemon) }
        for _ in 0..<(number("DAEMON_LIVES") ?? 1) { try daemon.run() }
    }

    private static func daemon(_ configuration: Configuration) -> Daemon {
        Daemon(
            configuration: configuration, registry: registry,
            environment: [
                "NOTIFY_SOCKET": text("NOTIFY_SOCKET") ?? "", "XDG_STATE_HOME": text("XDG_STATE_HOME") ?? "",
            ],
            product: "misbehaving",
            reload: text("DAEMON_RELOAD").map { message in
                { @Sendable in throw JobFailure(kind: "NoReload", message: message) }
            }
        )
    }

    /// While the main thread serves nobody.
    private static func runOnAnotherThread(_ daemon: Daemon) throws {
        // SAFETY: this thread waits for the other one.
        nonisolated(unsafe) var result = Result<Void, any Error>.success(())
        nonisolated(unsafe) let daemon = daemon
        let ended = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            result = Result { try daemon.run() }
            ended.signal()
        }
        ended.wait()
        try result.get()
    }

    private static func text(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func number(_ name: String) -> Int? {
        text(name).flatMap { Int($0) }
    }

    // MARK: Kinds

    private struct Seconds: Decodable {
        let seconds: Double
    }

    private struct Threads: Encodable {
        let loopIsMain: Bool
        let actorIsMain: Bool
        let steps: Int
    }

    private struct Facts: Encodable {
        let id: String
        let attempt: Int
    }

    private struct Odd: Error {}

    private static var registry: JobRegistry {
        var registry = JobRegistry.builtIn
        registry.register("wedge") { (_: [String: String], _) -> Void in
            while true { pause() }
        }
        registry.register("stubborn") { (arguments: Seconds, _) in
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                _ = try? EventLoop.running?.callLater(.seconds(arguments.seconds)) { continuation.resume() }
            }
        }
        registry.register("report") { (_: [String: String], job) in
            job.log("hello", level: "notice")
            job.report(progress: 0.25, note: "a quarter")
            job.report(progress: 1)
            return Facts(id: job.id, attempt: job.attempt)
        }
        registry.register("dispatch") { (_: [String: String], _) in
            // As a library may, which knows of no loop.
            await withUnsafeContinuation { continuation in
                DispatchQueue.global().async { continuation.resume() }
            }
        }
        registry.register("main") { (_: [String: String], _) in
            let before = isMainThread
            var steps = 0
            for _ in 0..<100 { steps = await Counter.shared.next() }
            let actorIsMain = await Counter.shared.isOnMainThread
            return Threads(loopIsMain: before || isMainThread, actorIsMain: actorIsMain, steps: steps)
        }
        registry.register("elsewhere") { (_: [String: String], _) in
            // Nothing here names an executor, so that Swift would send it to threads of its own.
            let detached = Task.detached { (EventLoop.running != nil, await Self.isOnLoop()) }
            let plain = Task { @concurrent in
                await Task.yield()
                return EventLoop.running != nil
            }
            return await [detached.value.0, detached.value.1, plain.value]
        }
        var twice = KindOptions(summary: "Fails the first time")
        twice.maxAttempts = 2
        registry.register("second-time", twice) { (_: [String: String], job) in
            guard job.attempt == 2 else { throw Odd() }
        }
        registry.registerMarks()
        registry.register("größe/maß") { (_: [String: String], _) in }
        registerForRecovery(&registry)
        return registry
    }

    /// Kinds that the daemon's death means something else to, and one that causes it.
    private static func registerForRecovery(_ registry: inout JobRegistry) {
        for policy in [CrashPolicy.rerun, .fail, .hold] {
            var options = KindOptions()
            options.crashPolicy = policy
            registry.register("sleep-\(policy.rawValue)", options) { (arguments: Seconds, job) in
                job.log("attempt \(job.attempt)")
                try await EventLoop.running?.sleep(for: .seconds(arguments.seconds))
            }
        }
        var fleeting = KindOptions()
        fleeting.isDurable = false
        registry.register("sleep-fleeting", fleeting) { (arguments: Seconds, _) in
            try await EventLoop.running?.sleep(for: .seconds(arguments.seconds))
        }
        registry.register("kill") { (_: [String: String], _) -> Void in _exit(9) }
    }

    @concurrent
    private static func isOnLoop() async -> Bool { EventLoop.running != nil }

    /// Known from the first line of `main` on.
    private static let mainThread = pthread_self()

    static var isMainThread: Bool { pthread_equal(pthread_self(), mainThread) != 0 }
}

/// Lives on the main thread, which the loop does not run on.
@MainActor
private final class Counter {
    static let shared = Counter()
    private var value = 0

    func next() -> Int {
        value += 1
        return value
    }

    var isOnMainThread: Bool { MisbehavingDaemon.isMainThread }
}
