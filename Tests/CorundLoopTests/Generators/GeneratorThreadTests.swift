import Synchronization
import TestSupport
import Testing

@testable import CorundLoop

/// Generators that other threads let go of; to be run under the thread sanitizer, too.
struct GeneratorThreadTests {
    /// Something that one thread gives away to another.
    private final class Parcel<Content: Sendable>: Sendable {
        private let content: Mutex<Content?>

        init(_ content: Content) { self.content = Mutex(content) }

        func drop() {
            let content = content.withLock { $0.take() }
            withExtendedLifetime(content) {}
        }
    }

    private func generator(_ closed: Log<Bool>, on loop: EventLoop) -> AsyncGenerator<Int, Never> {
        AsyncGenerator { yield in
            do { try await yield(1) } catch {
                closed.append(loop.isOnItsThread)
                if closed.count == 100 { loop.stop() }
            }
        }
    }

    /// On another thread, while the loop sleeps.
    @Test func aGeneratorThatIsDroppedOnAnotherThreadIsClosedOnItsLoop_R57() async throws {
        try await onThreadOfItsOwn {
            let closed = Log<Bool>()
            try withLoop { loop in
                let parcels = try loop.complete {
                    var parcels: [Parcel<AsyncGenerator<Int, Never>>] = []
                    for _ in 0..<100 {
                        let generator = generator(closed, on: loop)
                        _ = try await generator.next()
                        parcels.append(Parcel(generator))
                    }
                    return parcels
                }
                let dropping = ForeignThread {
                    ForeignThread.concurrently(4) { index in
                        for parcel in parcels[(index * 25)..<((index + 1) * 25)] { parcel.drop() }
                    }
                }
                try loop.run()
                dropping.join()
            }
            #expect(closed.entries == Array(repeating: true, count: 100))
        }
    }

    /// Neither side may trap, whichever comes first; what comes after the close is not closed any more.
    @Test func aGeneratorMayBeDroppedWhileItsLoopCloses_R57() async throws {
        try await onThreadOfItsOwn {
            for _ in 0..<200 {
                let loop = try EventLoop()
                let parcel = try loop.complete {
                    let generator = AsyncGenerator { yield in
                        do { try await yield(1) } catch { Issue.record("the body went on") }
                    }
                    _ = try await generator.next()
                    return Parcel(generator)
                }
                let dropping = ForeignThread { parcel.drop() }
                try loop.close()
                dropping.join()
            }
        }
    }

    /// A generator has one loop, also when two threads begin it at once.
    @Test func ofTwoLoopsThatBeginAGeneratorOneGetsIt_R52() throws {
        for _ in 0..<50 {
            let generator = AsyncGenerator { yield in
                try await yield(1)
            }
            let results = Log<String>()
            ForeignThread.concurrently(2) { _ in
                do {
                    let loop = try EventLoop()
                    results.append("\(try loop.complete { try await generator.next() } ?? 0)")
                    try loop.complete { try await generator.aclose() }
                    try loop.close()
                } catch { results.append("\(error)") }
            }
            let refusals: Set = ["\(EventLoopError.wrongThread)", "0"]
            #expect(results.entries.filter { $0 == "1" }.count == 1)
            #expect(results.entries.filter(refusals.contains).count == 1)
        }
    }

    /// An actor of no loop runs on whichever thread is in it, with all who wait for it.
    @Test func aConsumerThatItsActorTakesToAnotherThreadLeavesTheGeneratorAlone_R52() async throws {
        actor Room {
            func ask(_ generator: AsyncGenerator<Int, Never>) async throws -> Int? {
                let answer = try await generator.next()
                #expect(EventLoop.running == nil)
                do {
                    _ = try await generator.next()
                    Issue.record("it may ask there")
                } catch { #expect(error as? EventLoopError == .wrongThread) }
                return answer
            }

            func hold(_ entered: Gate, until left: Gate) {
                entered.open()
                left.wait()
            }
        }
        try await onThreadOfItsOwn {
            try withLoop { loop in
                let (room, entered, left) = (Room(), Gate(), Gate())
                let generator = AsyncGenerator<Int, Never> { yield in
                    await EventLoop.yield()
                    Task.detached { await room.hold(entered, until: left) }
                    entered.wait()
                    try loop.spawn {
                        for _ in 0..<3 { await EventLoop.yield() }  // until the consumer wants to come back
                        left.open()
                    }
                    try await yield(1)
                }
                try loop.complete {
                    try #expect(await room.ask(generator) == 1)
                    #expect(generator.core.takeIdleConsumer() == nil, "another thread gave it back")
                    try #expect(await generator.next() == nil)
                }
            }
        }
    }

    /// Optimised code takes a task that prefers another executor there as late as that.
    @Test(arguments: [false, true]) func whoWaitsElsewhereIsAnsweredAllTheSame_R52(throwing: Bool) async throws {
        struct Failure: Error {}
        let answered = Log<String>()
        try await onThreadOfItsOwn {
            try withLoop { loop in
                let wait = GeneratorWait(on: loop)
                ForeignThread {
                    do {
                        try withLoop { other in try other.complete { try await wait.untilEnd() } }
                        answered.append("ended")
                    } catch { answered.append("\(type(of: error))") }
                    try? loop.callSoonThreadSafe { loop.stop() }
                }.detach()
                try loop.callLater(.milliseconds(1)) { wait.end(throwing: throwing ? Failure() : nil) }
                try loop.run()
            }
        }
        #expect(answered.entries == [throwing ? "Failure" : "ended"])
    }

    @Test func aConsumerThatPrefersAnotherExecutorDoesNoHarm_R52() async throws {
        /// Each piece on a thread of its own.
        final class Elsewhere: TaskExecutor {
            func enqueue(_ job: consuming ExecutorJob) {
                let job = UnownedJob(job)
                ForeignThread { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }.detach()
            }
        }
        let elsewhere = Elsewhere()
        try await onThreadOfItsOwn {
            try withLoop { loop in
                let generator = AsyncGenerator<Int, Never> { yield in
                    for number in 0..<3 {
                        await EventLoop.yield()
                        try await yield(number)
                    }
                }
                try loop.complete {
                    try #expect(await generator.next() == 0)
                    await withTaskExecutorPreference(elsewhere) {
                        // Code that is optimised may have its answer before it goes there.
                        do { try #expect(await generator.next() == 1) } catch {
                            #expect(error as? EventLoopError == .wrongThread)
                        }
                    }
                    while try await generator.next() != nil {}
                }
            }
        }
    }
}
