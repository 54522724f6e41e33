import CorundRunner
import Glibc

extension RunnerProgram {
    private struct Failure: Error {}

    /// Two runs, of which each says what it came to.
    ///
    /// Afterwards SIGINT is what it was.
    static func interrupted() throws {
        let runner = Runner()
        for _ in 0..<2 { tell { try runner.run { try await untilCancelled() } } }
        try runner.close()
        sayWhatSIGINTDoes()
        pause()
    }

    /// One run, in a way that the argument names.
    static func interrupted(_ way: String) throws {
        if way.hasPrefix("ignored") { signal(SIGINT, SIG_IGN) }
        let runner = Runner()
        switch way {
        case "swallowing": tell { try runner.run { try? await untilCancelled() } }
        case "failing":
            tell { try runner.run { do { try await untilCancelled() } catch { throw Failure() } } }
        case "cancelled-before":
            tell {
                try runner.run {
                    withUnsafeCurrentTask { $0?.cancel() }
                    say("ready")
                    await hear()
                    try Task.checkCancellation()
                }
            }
        case "ignored": tell { try runner.run { sayWhatSIGINTDoes() } }
        case "ignored-wanted": tell { try runner.run(handlingInterrupts: true) { try await untilCancelled() } }
        case "unwanted": tell { try runner.run(handlingInterrupts: false) { try await untilCancelled() } }
        default: say("what is \(way)?")
        }
        sayWhatSIGINTDoes()
        try runner.close()
    }

    static func cleanUp(_ form: String) {
        tell {
            switch form {
            case "one-shot": try Runner.run { try await takeTimeAtTheEnd() }
            case "scoped": try Runner.with { runner in try runner.run { try await takeTimeAtTheEnd() } }
            default:
                let runner = Runner()
                defer { tell { try runner.close() } }
                try runner.run { try await takeTimeAtTheEnd() }
            }
        }
        sayWhatSIGINTDoes()
    }

    /// A body that ignores its cancellation until the close, and a task that ends when the test says so.
    private static func takeTimeAtTheEnd() async throws {
        guard let loop = EventLoop.running else { return }
        try loop.spawn {
            do { try await sleep() } catch {
                say("closing")
                await hear()
                say("cleaned up")
            }
        }
        let close = try loop.spawn { try await sleep() }
        do { try await untilCancelled() } catch {
            _ = try? await close.value
            say("the body has ended")
        }
    }

    /// Bodies that handle SIGINT themselves.
    static func replaced() throws {
        try Runner.with { runner in
            try runner.run {
                guard let loop = EventLoop.running else { return }
                await withUnsafeContinuation { continuation in
                    try? loop.addSignalHandler(SIGINT) { continuation.resume() }
                    say("ready")
                }
                say("the body's own handler was called")
            }
            sayWhatSIGINTDoes()
            tell { try runner.run { sayWhatSIGINTDoes() } }
            tell { try runner.run(handlingInterrupts: true) {} }
        }
        sayWhatSIGINTDoes()
        try Runner.run {
            _ = signal(SIGINT) { _ in RunnerProgram.say("the foreign handler was called") }
        }
        sayWhatSIGINTDoes()
        raise(SIGINT)
    }

    /// A body that does away with the run's handler, and the run after it.
    static func removed() throws {
        let runner = Runner()
        tell { try runner.run { _ = EventLoop.running?.removeSignalHandler(SIGINT) } }
        sayWhatSIGINTDoes()
        tell { try runner.run { try await untilCancelled() } }
        try runner.close()
    }

    /// A task that ends when the test says so, which the close waits for.
    static func longClose(_ form: String) throws {
        if form == "long-one-shot" {
            try Runner.run { try await leaveSlowTask() }
        } else {
            let isHeld = form == "long-held"
            if isHeld { try Signals.hold(SIGINT) }
            let runner = Runner()
            try runner.run(handlingInterrupts: isHeld ? true : nil) { try await leaveSlowTask() }
            try runner.close()
        }
        sayWhatSIGINTDoes()
    }

    private static func leaveSlowTask() async throws {
        guard let loop = EventLoop.running else { return }
        loop.exceptionHandler = { say("\($0.message): \($0.taskName ?? "none")") }
        try loop.spawn(name: "slow") {
            do { try await sleep() } catch {
                say("closing")
                await hear()
            }
        }
        await EventLoop.yield()
    }

    private static func untilCancelled() async throws {
        say("ready")
        do { try await sleep() } catch {
            say("cancelled")
            throw error
        }
    }

    /// Runs whose bodies have no wait that could be cancelled.
    static func deaf() throws {
        let runner = Runner()
        for _ in 0..<2 {
            tell {
                try runner.run {
                    say("ready")
                    _ = readLine()
                }
            }
        }
        tell {
            try runner.run {
                raise(SIGINT)
                await EventLoop.yield()
            }
        }
        try runner.close()
        sayWhatSIGINTDoes()
    }

    /// A run whose sleep an interrupt has cut short, and then, in the same loop's lifetime, the end of the input.
    static func endOfInput() throws {
        let runner = Runner()
        _ = readLine()
        tell { try runner.run { try await untilCancelled() } }
        say("input: \(readLine() ?? "none")")
        try runner.close()
    }

    /// Nothing is left to wait for, other than an interrupt.
    static func deadlock() {
        do {
            try Runner.run(loopFactory: { .virtual() }) {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        } catch {
            say("threw a \(type(of: error))")
        }
    }

    private static func tell(_ run: () throws -> Void) {
        do {
            try run()
            say("returned")
        } catch {
            say("threw \(error)")
        }
    }

    private static func sayWhatSIGINTDoes() {
        var action = sigaction()
        sigaction(SIGINT, nil, &action)
        switch unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) {
        case 0: say("SIGINT kills")
        case 1: say("SIGINT is ignored")
        default: say("SIGINT is handled")
        }
    }
}
