import CorundRunner
import Testing
import Varlink

@testable import CorundAPI

@Suite(.timeLimit(.minutes(1)))
struct ClientTests {
    /// Answers `reply` to one call of the method, and gives the parameters that it came with.
    private static func check(
        _ method: String, of interface: String = InterfaceName.service, reply: String, sends parameters: String,
        _ body: @escaping @Sendable (Client) async throws -> Void
    ) throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            var received: [String] = []
            try daemon.start(method, of: interface) { call in
                received.append(String(decoding: call.parameters.text, as: UTF8.self))
                call.reply.send { $0.bytes += Array(reply.utf8) }
            }
            let client = try await Client.connect(to: daemon.path)
            defer { client.close() }
            try await body(client)
            #expect(received == [parameters])
        }
    }

    @Test func retries() throws {
        try Self.check("Retry", of: InterfaceName.jobs, reply: #"{"id":"7"}"#, sends: #"{"id":"7"}"#) {
            try await $0.retry("7")
        }
    }

    @Test func removes() throws {
        try Self.check("Remove", of: InterfaceName.jobs, reply: #"{"removed":2}"#, sends: #"{"ids":["7","8"]}"#) {
            let removed = try await $0.remove(["7", "8"])
            #expect(removed == 2)
        }
    }

    @Test func pausesAndResumes() throws {
        try Self.check("Pause", reply: "{}", sends: "{}") { try await $0.pause() }
        try Self.check("Resume", reply: "{}", sends: #"{"group":"g"}"#) { try await $0.resume(group: "g") }
    }

    @Test func listsTasks() throws {
        let tasks = try RawJSON(encoding: TasksResult(tasks: [Samples.task, Samples.fullTask])).description
        try Self.check("Tasks", reply: tasks, sends: "{}") {
            let tasks = try await $0.tasks()
            #expect(tasks == [Samples.task, Samples.fullTask])
        }
    }

    @Test func givesTheMetrics() throws {
        try Self.check("Metrics", reply: #"{"text":"a 1\n"}"#, sends: "{}") {
            let metrics = try await $0.metrics()
            #expect(metrics == "a 1\n")
        }
    }

    @Test func reloads() throws {
        try Self.check("Reload", reply: #"{"changed":["debug"]}"#, sends: "{}") {
            let changed = try await $0.reload()
            #expect(changed == ["debug"])
        }
    }

    @Test func throwsTheErrorsOfTheService() throws {
        try InProcessDaemon.run { loop in
            let daemon = try InProcessDaemon(on: loop)
            let errors = ServiceErrorTests.all
            var left = errors[...]
            try daemon.start("Reload", of: InterfaceName.service) { call in
                call.reply.fail(left.removeFirst().onTheWire)
            }
            let client = try await Client.connect(to: daemon.path)
            defer { client.close() }
            for error in errors { await #expect(throws: error) { try await client.reload() } }
        }
    }
}
