import CorundRunner
import Testing

struct RunnerContextTests {
    private let variable = ContextVariable("who", default: "nobody")

    private func context(_ value: String) throws -> Context {
        let context = Context()
        try context.run { _ = variable.set(value) }
        return context
    }

    @Test func theContextIsACopyOfTheOneAtInitialisation_R06() throws {
        let caller = try context("caller")
        try withRunner { runner in
            try caller.run {
                _ = try runner.loop
                variable.set("caller, later")
            }
            let seen = try runner.run { [variable] in
                defer { variable.set("body") }
                return try variable.get()
            }
            #expect(seen == "caller")
            try #expect(runner.context !== caller)
            try caller.run { try #expect(variable.get() == "caller, later") }
        }
    }

    @Test func theContextIsTakenAtInitialisationAndNotWhenTheRunnerIsMade_R06() throws {
        let runner = try context("maker").run { Runner() }
        try withRunner(runner) { runner in
            let seen = try context("user").run { try runner.run { [variable] in try variable.get() } }
            #expect(seen == "user")
        }
    }

    @Test func runsShareTheLoopAndTheContext_R09() throws {
        try withRunner { runner in
            let loop = try runner.run { [variable] in
                variable.set("first run")
                return EventLoop.running
            }
            let (again, seen) = try runner.run { [variable] in (EventLoop.running, try variable.get()) }
            #expect(loop != nil && loop === again)
            #expect(seen == "first run")
        }
    }

    @Test func aGivenContextIsUsedInPlace_R10() throws {
        try withRunner { runner in
            let given = try context("given")
            try runner.run { [variable] in _ = variable.set("runner") }
            try runner.run(context: given) { [variable] in
                #expect(Context.current === given)
                try #expect(variable.get() == "given")
                variable.set("changed")
            }
            try given.run { try #expect(variable.get() == "changed") }
            let own = try runner.run { [variable] in try variable.get() }
            #expect(own == "runner", "the runner's own context must not change")
        }
    }

    @Test func theCallersContextIsUntouched_R10() throws {
        try withRunner { runner in
            let caller = try context("caller")
            let given = try context("given")
            try caller.run { () -> Void in
                try runner.run(context: given) { [variable] in _ = variable.set("body") }
                try runner.run { [variable] in _ = variable.set("body") }
                try #expect(variable.get() == "caller")
            }
        }
    }
}
