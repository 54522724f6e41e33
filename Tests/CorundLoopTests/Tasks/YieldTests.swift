import TestSupport
import Testing

@testable import CorundLoop

struct YieldTests {
    @Test func whatIsReadyHasItsTurnBeforeTheOneThatGaveWayGoesOn_R38() throws {
        try withVirtualLoop { loop, _ in
            let order = Log<String>()
            try loop.spawn {
                try loop.callSoon { order.append("callback") }
                await EventLoop.yield()
                order.append("the one that gave way")
                loop.stop()
            }
            try loop.run()
            #expect(order.entries == ["callback", "the one that gave way"])
        }
    }

    @Test func tasksThatGiveWayTakeTurns_R38() throws {
        try withVirtualLoop { loop, _ in
            let order = Log<Int>()
            let tasks = try (0..<2).map { number in
                try loop.spawn {
                    for _ in 0..<3 {
                        order.append(number)
                        await EventLoop.yield()
                    }
                }
            }
            try loop.complete { for task in tasks { try await task.value } }
            #expect(order.entries == [0, 1, 0, 1, 0, 1])
        }
    }

    @Test func theOneThatGaveWayGoesOnOnTheLoop_R37() throws {
        try withLoop { loop in
            try loop.complete {
                await EventLoop.yield()
                #expect(EventLoop.running === loop)
            }
        }
    }

    /// An actor of the loop, which is in no task's hands while it gives way.
    private actor Resident {
        private let loop: EventLoop
        let order = Log<String>()

        init(on loop: EventLoop) {
            self.loop = loop
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }

        func giveWay() async throws {
            try loop.callSoon { [order] in order.append("callback") }
            await EventLoop.yield()
            #expect(loop.serialExecutor.isIsolatingCurrentContext() == true)
            order.append("the actor")
        }
    }

    @Test func anActorOfTheLoopGivesWayToo_R38() throws {
        try withVirtualLoop { loop, _ in
            let resident = Resident(on: loop)
            try loop.complete { try await resident.giveWay() }
            #expect(resident.order.entries == ["callback", "the actor"])
        }
    }

    /// An actor of no place of its own: its code runs where the task is.
    private actor Guest {
        let order = Log<String>()

        func giveWay(on loop: EventLoop) async throws {
            try loop.callSoon { [order] in order.append("callback") }
            await EventLoop.yield()
            assertIsolated()
            order.append("\(EventLoop.running === loop)")
        }
    }

    @Test func anyActorGivesWayToo_R38() throws {
        try withVirtualLoop { loop, _ in
            let guest = Guest()
            try loop.complete { try await guest.giveWay(on: loop) }
            #expect(guest.order.entries == ["callback", "true"])
        }
    }

    /// A task that is not the loop's own: its next step does not need the loop.
    @Test func oneThatGaveWayGoesOnWhenTheLoopIsClosed_R43() async throws {
        let task = Log<Task<Bool, Never>>()
        try await onThreadOfItsOwn {
            let loop = try EventLoop()
            try loop.callSoon {
                task.append(
                    Task.immediate {
                        await EventLoop.yield()
                        return EventLoop.running == nil
                    })
            }
            try loop.turn()
            try loop.close()
        }
        #expect(await task.entries.first?.value == true)
    }

    @Test func outsideOfALoopItIsAnOrdinaryYield() async {
        await EventLoop.yield()
        #expect(EventLoop.running == nil)
    }
}
