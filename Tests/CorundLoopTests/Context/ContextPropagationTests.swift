import TestSupport
import Testing

@testable import CorundLoop

struct ContextPropagationTests {
    private let variable = ContextVariable("who", default: "nobody")

    @Test func callbacksOfAllKindsCaptureTheCurrentContext_R64() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            sockets.send()
            let seen = Log<String>()
            let note: @Sendable () throws -> Void = { [variable] in seen.append(try variable.get()) }
            let made = try variable.context("maker")
            try made.run {
                try loop.callSoon(note)
                try loop.callSoonThreadSafe(note)
                try loop.callLater(.zero, note)
                try loop.addReader(sockets.ours, note)
                try loop.addWriter(sockets.ours, note)
            }
            try loop.turn()
            #expect(seen.entries == Array(repeating: "maker", count: 5))
            loop.unwatch(sockets.ours)
        }
    }

    @Test func aContextCanBeGivenInsteadOfTheCurrentOne_R64() throws {
        try withLoop { loop in
            let sockets = try SocketPair()
            sockets.send()
            let seen = Log<String>()
            let note: @Sendable () throws -> Void = { [variable] in seen.append(try variable.get()) }
            let (made, given) = (try variable.context("maker"), try variable.context("given"))
            try made.run {
                try loop.callSoon(context: given, note)
                try loop.callSoonThreadSafe(context: given, note)
                try loop.callLater(.zero, context: given, note)
                try loop.addReader(sockets.ours, context: given, note)
                try loop.addWriter(sockets.ours, context: given, note)
                try loop.spawn(context: given, note)
            }
            try loop.turn()
            #expect(seen.entries == Array(repeating: "given", count: 6))
            loop.unwatch(sockets.ours)
        }
    }

    @Test func callbacksShareTheContextAndSpawnedTasksCopyIt_R64() throws {
        try withLoop { loop in
            let made = try variable.context("maker")
            try made.run {
                try loop.spawn { [variable] in
                    try #expect(variable.get() == "maker")
                    variable.set("task")
                }
                try loop.turn()
                try #expect(variable.get() == "maker")
                try loop.callSoon { variable.set("callback") }
                try loop.turn()
                try #expect(variable.get() == "callback")
            }
        }
    }

    @Test func aTaskSpawnedInAGivenContextUsesItInPlace_R64() throws {
        try withLoop { loop in
            let given = try variable.context("given")
            try loop.complete(context: given) { [variable] in _ = variable.set("task") }
            try given.run { try #expect(variable.get() == "task") }
        }
    }

    @Test func whatWasMadeOutsideOfAnyContextDoesNotSeeTheOneAroundTheRun_R64() throws {
        try withLoop { loop in
            let seen = Log<String>()
            try loop.callSoon { seen.append(try variable.get()) }
            try loop.callLater(.zero) { seen.append(try variable.get()) }
            try variable.context("runner").run { try loop.turn() }
            #expect(seen.entries == ["nobody", "nobody"])
        }
    }

    @Test func aCallbackMayEnterAContextThatItsMakerWasInsideOf_R63() throws {
        try withLoop { loop in
            let (outer, inner) = (try variable.context("outer"), try variable.context("inner"))
            try loop.runUntilCalled { done in
                try outer.run {
                    try inner.run {
                        _ = try loop.callSoon {
                            defer { done() }
                            #expect(throws: ContextError.alreadyEntered) { try inner.run {} }
                            #expect(throws: Never.self) { try outer.run { try #expect(variable.get() == "outer") } }
                        }
                    }
                }
            }
        }
    }

    @Test func callbacksThatMakeCallbacksInNewContextsKeepNoneOfTheOldOnes_R64() throws {
        try withLoop { loop in
            weak var first: Context?
            var left = 100
            func next() throws {
                let context = Context.current.copy()
                if first == nil, left == 100 { first = context }
                left -= 1
                if left > 0 { try context.run { _ = try loop.callSoon(next) } }
            }
            try loop.callSoon(next)
            try loop.turn(times: 100)
            #expect(left == 0 && first == nil)
        }
    }

    /// Tasks of which each makes the next one and ends, but for the last one.
    private final class Chain: @unchecked Sendable {
        // SAFETY: used on the loop alone.
        weak var firstContext: Context?

        func go(on loop: EventLoop, times: Int) throws {
            let context = Context()
            if firstContext == nil, times == 5 { firstContext = context }
            try loop.spawn(context: context) { [self] in
                if times > 0 { try go(on: loop, times: times - 1) } else { try await loop.sleep(for: .seconds(3600)) }
            }
        }
    }

    @Test func tasksThatMakeTasksInNewContextsKeepNoneOfTheOldOnes_R64() throws {
        try withLoop { loop in
            let chain = Chain()
            try chain.go(on: loop, times: 5)
            #expect(chain.firstContext != nil)
            try loop.turn(times: 10)
            #expect(loop.taskCount == 1 && chain.firstContext == nil)
            loop.cancelAllTasks()
            try loop.turn(times: 3)
        }
    }

    @Test func childTasksSeeTheirParentsContext_R65() throws {
        try withLoop { loop in
            let seen = try loop.complete(context: try variable.context("parent")) { [variable] in
                async let child = variable.get()
                let others = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<3 { group.addTask { try variable.get() } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                return try await [child] + others
            }
            #expect(seen == Array(repeating: "parent", count: 4))
        }
    }

    @Test func childTasksShareTheContextSoThatTheirParentSeesWhatTheySet_R65() throws {
        try withLoop { loop in
            try loop.complete(context: try variable.context("parent")) { [variable] in
                async let child: Void = { _ = variable.set("child") }()
                await child
                try #expect(variable.get() == "child")
            }
        }
    }

    @Test func childTasksAreInsideOfTheirParentsContexts_R63() throws {
        try withLoop { loop in
            let context = try variable.context("parent")
            try loop.complete(context: context) {
                async let child: Void = { #expect(throws: ContextError.alreadyEntered) { try context.run {} } }()
                await child
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { #expect(throws: ContextError.alreadyEntered) { try context.run {} } }
                }
            }
        }
    }

    @Test func unstructuredTasksInheritTheContextAndDetachedOnesDoNot_R65() async throws {
        let context = try variable.context("parent")
        try await onThreadOfItsOwn {
            try withLoop { loop in
                let seen = try loop.complete(context: context) { [variable] in
                    let inherited = try await Task { try variable.get() }.value
                    let detached = try await Task.detached { try variable.get() }.value
                    return [inherited, detached]
                }
                #expect(seen == ["parent", "nobody"])
            }
        }
    }

    @Test func contextsOfConcurrentTasksDoNotMix_R65() throws {
        try withLoop { loop in
            try loop.complete { [variable] in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            try await Context().run {
                                variable.set("\(number)")
                                for _ in 0..<5 { await Task.yield() }
                                try #expect(variable.get() == "\(number)")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
