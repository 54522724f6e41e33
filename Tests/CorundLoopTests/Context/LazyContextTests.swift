import Synchronization
import TestSupport
import Testing

@testable import CorundLoop

/// The context of a task is made when somebody asks for it; nobody can tell.
struct LazyContextTests {
    private let variable = ContextVariable("who", default: "nobody")

    @Test func aTaskSeesWhatWasSetWhenItWasSpawned_R64() throws {
        try withLoop { loop in
            let seen = Log<String>()
            try variable.context("before").run {
                try loop.spawn { [variable] in seen.append(try variable.get()) }
                variable.set("after")
                try loop.turn()
            }
            #expect(seen.entries == ["before"])
        }
    }

    @Test func aTaskOfATaskThatNeverAskedSeesTheSame_R64() throws {
        try withLoop { loop in
            let seen = Log<String>()
            try variable.context("maker").run {
                try loop.spawn { [variable] in
                    try loop.spawn { seen.append(try variable.get()) }
                }
                variable.set("later")
                try loop.turn(times: 2)
            }
            #expect(seen.entries == ["maker"])
        }
    }

    @Test func aTaskOfATaskThatHasAskedSeesWhatItSet_R64() throws {
        try withLoop { loop in
            let seen = Log<String>()
            try loop.spawn { [variable] in
                variable.set("task")
                try loop.spawn {
                    seen.append(try variable.get())
                    variable.set("its own")
                }
                await EventLoop.yield()
                seen.append(try variable.get())
            }
            try loop.turn(times: 3)
            #expect(seen.entries == ["task", "task"])
        }
    }

    @Test func threadsThatAskAtTheSameTimeGetOneContext_R65() {
        let places = (0..<500).map { _ in EnteredContext(inCopyOf: .outside) }
        let contexts = Log<[ObjectIdentifier]>()
        let arrived = Atomic(0)
        ForeignThread.concurrently(2) { _ in
            let mine = places.enumerated().map { number, place in
                // Neither goes on to the next place before the other has come to it.
                arrived.wrappingAdd(1, ordering: .acquiringAndReleasing)
                while arrived.load(ordering: .acquiring) < 2 * (number + 1) {}
                return ObjectIdentifier(place.context)
            }
            contexts.append(mine)
        }
        #expect(contexts.entries.first == contexts.entries.last)
        #expect(Set(contexts.entries.joined()).count == places.count)
    }

    @Test func aTaskIsInsideOfTheContextThatItAskedFor_R63() throws {
        try withLoop { loop in
            try loop.complete {
                let context = Context.current
                #expect(throws: ContextError.alreadyEntered) { try context.run {} }
            }
        }
    }

    @Test func theContextOfATaskLastsAsLongAsSomebodyHasIt_R62() throws {
        try withLoop { loop in
            weak var weakly: Context?
            var kept = Optional(
                try loop.complete { [variable] in
                    variable.set("task")
                    return Context.current
                })
            weakly = kept
            try kept?.run { try #expect(variable.get() == "task") }
            kept = nil
            #expect(weakly == nil)
        }
    }
}
