import CorundRunner
import TestSupport
import Testing
import Varlink

@testable import CorundAPI

@Suite(.timeLimit(.minutes(1)))
struct ReconnectingClientTests {
    private static func event(_ sequence: Int) -> EventResult {
        EventResult(event: Event(id: "7", sequence: sequence, at: Samples.time))
    }

    @Test func watchGoesOnWhereTheLastConnectionEnded() throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            var asked: [String] = []
            try daemon.start("Watch") { call in
                asked.append(String(decoding: call.parameters.text, as: UTF8.self))
                for sequence in 1...2 { call.reply.send(Self.event(sequence), continues: true) }
            }
            let client = try await ReconnectingClient.connect(to: daemon.path)
            var losses = 0
            client.onLoss = { _ in
                losses += 1
                try? daemon.start("Watch") { call in
                    asked.append(String(decoding: call.parameters.text, as: UTF8.self))
                    // The second one again, as a daemon whose record is ahead of what it was asked for.
                    for sequence in 2...4 { call.reply.send(Self.event(sequence), continues: sequence < 4) }
                }
            }
            var sequences: [Int] = []
            for try await event in client.watch("7") {
                sequences.append(event.sequence)
                if event.sequence == 2 { try loop.callSoon { daemon.end() } }
            }
            #expect(sequences == [1, 2, 3, 4])
            #expect(asked == [#"{"id":"7"}"#, #"{"id":"7","from":3}"#])
            #expect(losses == 1)
            client.close()
        }
    }

    @Test func waitOutlivesADaemonThatDrains() throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            try daemon.start("Wait") { call in call.reply.fail(JobsError.draining.onTheWire) }
            let client = try await ReconnectingClient.connect(to: daemon.path)
            client.onLoss = { error in
                #expect(error as? JobsError == .draining)
                daemon.end()
                try? daemon.start("Wait") { call in call.reply.send(JobResult(job: Samples.fullJob)) }
            }
            #expect(try await client.wait(for: "7") == Samples.fullJob)
            client.close()
        }
    }

    @Test func waitThrowsWhatTheDaemonSays() throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            try daemon.start("Wait") { call in call.reply.fail(JobsError.noSuchJob(id: "7").onTheWire) }
            let client = try await ReconnectingClient.connect(to: daemon.path)
            await #expect(throws: JobsError.noSuchJob(id: "7")) { try await client.wait(for: "7") }
            client.close()
            await #expect(throws: ClientError.connectionClosed) { try await client.wait(for: "7") }
        }
    }

    @Test func closeEndsCallsOfEachConnectionThatThereIs() throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            let called = LoopSignal(loop: loop)
            var unanswered: [IncomingCall] = []
            var calls = 0
            try daemon.start("Wait") { call in
                calls += 1
                if calls == 1 { call.reply.fail(JobsError.draining.onTheWire) } else { unanswered.append(call) }
                called.notify()
            }
            let client = try await ReconnectingClient.connect(to: daemon.path)
            // The first one goes on over another connection, the second one stays where it is.
            let waits = try (0..<2).map { _ in try loop.spawn { _ = try await client.wait(for: "7") } }
            while calls < 3 { try await called.wait() }
            client.close()
            for wait in waits { await #expect(throws: ClientError.connectionClosed) { try await wait.value } }
        }
    }

    @Test func aCallOfAnotherThreadIsRefused() throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            try daemon.start("Wait") { call in call.reply.send(JobResult(job: Samples.fullJob)) }
            let client = try await ReconnectingClient.connect(to: daemon.path)
            try await onThreadOfItsOwn {
                try Runner.run {
                    _ = await #expect(throws: EventLoopError.wrongThread) { try await client.wait(for: "7") }
                }
            }
            #expect(try await client.wait(for: "7") == Samples.fullJob)
            client.close()
        }
    }

    @Test func theFirstConnectionIsNotWaitedFor() throws {
        try InProcessDaemon.run { _ in
            await #expect(throws: ClientError.self) { try await ReconnectingClient.connect(to: "/nowhere/s") }
        }
    }

    @Test func cancellationEndsTheWaitForTheDaemon() throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            try daemon.start("Wait") { _ in }
            let client = try await ReconnectingClient.connect(to: daemon.path)
            let wait = try loop.spawn { _ = try await client.wait(for: "7") }
            client.onLoss = { _ in wait.cancel() }
            try loop.callSoon { daemon.end() }
            await #expect(throws: CancellationError.self) { try await wait.value }
        }
    }
}
