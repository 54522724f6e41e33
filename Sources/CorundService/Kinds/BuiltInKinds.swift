import CorundLoop
import Varlink

extension JobRegistry {
    /// The kinds of the stock daemon, to try and to probe with: `echo`, `sleep`, `fail`, `count`.
    public static var builtIn: JobRegistry {
        var registry = JobRegistry()
        registry.registerRaw("echo", KindOptions(summary: "Gives way to the loop once and returns its arguments")) {
            arguments, _ in
            await EventLoop.yield()
            return arguments
        }
        registry.register("sleep", KindOptions(summary: "Waits for so many seconds")) {
            (arguments: SleepArguments, _) in
            try await sleep(arguments)
        }
        registry.register("fail", KindOptions(summary: "Fails with the message it is given")) {
            (arguments: FailArguments, _) -> Void in
            throw JobFailure(kind: arguments.kind ?? "Requested", message: arguments.message ?? "it was told to")
        }
        registry.register("count", KindOptions(summary: "Adds one to a counter in its context and returns it")) {
            (_: NoArguments, _) in
            let value = try counter.get() + 1
            counter.set(value)
            return CountResult(count: value)
        }
        return registry
    }

    /// What `count` counts in: jobs of one context see one another's increments.
    private static let counter = ContextVariable("counter", default: 0, isVisible: true)

    private struct SleepArguments: Decodable {
        let seconds: Double
    }

    private struct FailArguments: Decodable {
        let message: String?
        let kind: String?
    }

    private struct NoArguments: Decodable {}

    private struct CountResult: Encodable {
        let count: Int
    }

    private static func sleep(_ arguments: SleepArguments) async throws {
        guard arguments.seconds.isFinite, arguments.seconds >= 0 else {
            throw ArgumentProblem(path: "seconds", message: "must not be negative")
        }
        guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
        try await loop.sleep(for: .seconds(min(arguments.seconds, 1e9)))
    }
}
