import Testing

/// The statuses that README.md promises, each by way of the command itself.
@Suite("The exit statuses, one by one", .timeLimit(.minutes(1)))
struct ExitContractTests {
    private static func ended(_ state: String, _ more: String = "") -> [String: [FakeDaemon.Answer]] {
        ["Wait": [.reply(#"{"job":\#(Wire.job(state, more))}"#)]]
    }

    private static func refused(_ error: String, _ parameters: String = "{}") -> [String: [FakeDaemon.Answer]] {
        ["Wait": [.error(error, parameters)], "Submit": [.error(error, parameters)]]
    }

    private static let status = #","failure":{"kind":"Exited","message":"m","attempt":1,"status":42}"#
    private static let submit = ["submit", "x"]
    private static let wait = ["wait", "17"]

    private static let contract: [(Int32, [String], [String: [FakeDaemon.Answer]])] = [
        (0, wait, ended("succeeded")),
        (1, wait, ended("failed")),
        (42, wait, ended("failed", status)),
        (64, ["wait"], [:]),
        (65, submit, refused("io.corund.Jobs.InvalidArguments", #"{"job":"x","path":"","message":"m"}"#)),
        (66, submit, refused("io.corund.Jobs.UnknownJob", #"{"job":"x"}"#)),
        (66, wait, refused("io.corund.Jobs.NoSuchJob", #"{"id":"17"}"#)),
        (69, ["wait", "17", "--socket", "/nowhere/s"], [:]),
        (75, submit, refused("io.corund.Jobs.Draining")),
        (75, submit, refused("io.corund.Jobs.QueueFull", #"{"limit":1,"retry_after_ms":1}"#)),
        (77, submit, refused("org.varlink.service.PermissionDenied")),
        (124, wait, ended("timed_out")),
        (130, wait, ended("cancelled")),
        (143, wait, ended("interrupted")),
    ]

    @Test("are as promised", arguments: contract)
    func status(number: Int32, arguments: [String], answers: [String: [FakeDaemon.Answer]]) async throws {
        try await withDaemon(answers) { daemon async throws in
            let outcome = try await CommandProcess(arguments, environment: ["CORUND_SOCKET": daemon.socket]).end()
            #expect(outcome.status == number)
        }
    }

    @Test("submit --wait, watch and exec end as the job did, too", arguments: ["submit", "watch", "exec"])
    func others(command: String) async throws {
        let submitted = FakeDaemon.Answer.reply(#"{"id":"17","created":true}"#)
        let job = #"{"job":\#(Wire.job("failed", Self.status))}"#
        let answers: [String: [FakeDaemon.Answer]] = [
            "Submit": [submitted], "Watch": [.replies([Wire.event(1, #""state":"failed""#)])], "Wait": [.reply(job)],
            "Get": [.reply(job)],
        ]
        let arguments = ["submit": ["--wait", "x"], "watch": ["17"], "exec": ["--", "x"]][command] ?? []
        try await withDaemon(answers) { daemon async throws in
            let process = try CommandProcess([command] + arguments, environment: ["CORUND_SOCKET": daemon.socket])
            #expect(try await process.end().status == 42)
        }
    }
}
