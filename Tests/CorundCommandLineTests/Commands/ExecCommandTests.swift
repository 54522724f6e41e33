import CorundAPI
import Glibc
import Testing
import Varlink

@Suite("exec", .timeLimit(.minutes(1)))
struct ExecCommandTests {
    private let submitted = FakeDaemon.Answer.reply(#"{"id":"17","created":true}"#)

    private func output(_ sequence: Int, _ stream: String, _ base64: String) -> String {
        Wire.event(sequence, #""output":{"stream":"\#(stream)","base64":"\#(base64)"}"#)
    }

    private struct Arguments: Decodable {
        var argv: [String]
        var directory: String
        var environment: [String: String]?
        var stdin: String?
    }

    @Test("sends the program, the directory, the variables that are named, and no others")
    func arguments() async throws {
        try await withDaemon(["Submit": [submitted]]) { daemon async throws in
            let words = [
                "exec", "--detach", "--group", "g", "--env", "A=b=c", "--env", "HERE", "--stdin", "-", "--", "make",
                "--all", "$X",
            ]
            let environment = ["CORUND_SOCKET": daemon.socket, "HERE": "value", "SECRET": "no"]
            let outcome = try await CommandProcess(words, environment: environment, input: "typed\n").end()
            #expect(outcome == .init(status: 0, output: "17\n", errors: ""))
            let parameters = try RawJSON(validating: daemon.received.first?.parameters ?? "")
            let submission = try parameters.decode([String: Submission].self)["submission"]
            #expect(submission?.job == "exec")
            #expect(submission?.group == "g")
            let arguments = try #require(try submission?.arguments?.decode(Arguments.self))
            #expect(arguments.argv == ["make", "--all", "$X"])
            #expect(arguments.environment == ["A": "b=c", "HERE": "value"])
            #expect(arguments.stdin == "typed\n")
            let here = getcwd(nil, 0)
            defer { free(here) }
            #expect(here.map { arguments.directory == String(cString: $0) } == true)
        }
    }

    @Test("passes each stream on byte for byte, and exits as the program did without a word of its own")
    func streams() async throws {
        let events = [
            Wire.event(1, #""state":"running""#), output(2, "stdout", "b25l"), output(3, "stderr", "/wA="),
            Wire.event(4, #""message":{"level":"info","text":"hello"}"#), output(5, "stdout", "Cg=="),
            Wire.event(6, #""state":"failed""#),
        ]
        let failure = #","failure":{"kind":"Exited","message":"exited with status 3","attempt":1,"status":3}"#
        let answers: [String: [FakeDaemon.Answer]] = [
            "Submit": [submitted], "Watch": [.replies(events)],
            "Get": [.reply(#"{"job":\#(Wire.job("failed", failure))}"#)],
        ]
        try await withDaemon(answers) { daemon async throws in
            let shell = #""$0" "$@" 2>&1 >/dev/null | od -An -tx1"#
            let errors = try await corundControl("exec", "--", "x", daemon: daemon, shell: shell)
            #expect(errors.output == " ff 00\n")
            let outcome = try await corundControl(
                "exec", "--", "x", daemon: daemon, shell: #"exec "$0" "$@" 2>/dev/null"#)
            #expect(outcome == .init(status: 3, output: "one\n", errors: ""))
        }
    }

    @Test(
        "says so when the daemon has let go of some of the output",
        arguments: [["exec", "x"], ["watch", "--output", "17"]])
    func missingOutput(words: [String]) async throws {
        let events = [
            Wire.event(1, #""state":"running""#), output(2, "stdout", "b25l"), output(12, "stdout", "Cg=="),
            Wire.event(15, #""state":"succeeded""#),
        ]
        try await withDaemon(["Submit": [submitted], "Watch": [.replies(events)]]) { daemon async throws in
            let outcome = try await CommandProcess(words, environment: ["CORUND_SOCKET": daemon.socket]).end()
            let told = "corund-ctl: 11 of the events of job 17 are missing: it said more than the daemon keeps\n"
            #expect(outcome == .init(status: 0, output: "one\n", errors: told))
        }
    }

    private static let ends: [(String, String, Int32, String)] = [
        ("succeeded", "", 0, ""),
        (
            "failed", #","failure":{"kind":"NotFound","message":"no such program","attempt":1}"#, 1,
            "corund-ctl: job 17 failed: no such program (NotFound)\n"
        ),
        (
            "failed", #","failure":{"kind":"ProgramNotFound","message":"there is no x","attempt":1,"status":127}"#, 127,
            "corund-ctl: job 17 failed: there is no x (ProgramNotFound, status 127)\n"
        ),
        (
            "failed", #","failure":{"kind":"Signalled","message":"ended by SIGKILL","attempt":1,"status":137}"#, 137,
            "corund-ctl: job 17 failed: ended by SIGKILL (Signalled, status 137)\n"
        ),
        ("cancelled", "", 130, "corund-ctl: job 17 was cancelled\n"),
        ("timed_out", "", 124, "corund-ctl: job 17 did not end in its time\n"),
        ("interrupted", "", 143, "corund-ctl: job 17 was interrupted by the daemon's end\n"),
    ]

    @Test("says how a job ended whose program did not", arguments: ends)
    func end(state: String, more: String, status: Int32, errors: String) async throws {
        let answers: [String: [FakeDaemon.Answer]] = [
            "Submit": [submitted], "Watch": [.replies([Wire.event(1, #""state":"\#(state)""#)])],
            "Get": [.reply(#"{"job":\#(Wire.job(state, more))}"#)],
        ]
        try await withDaemon(answers) { daemon async throws in
            let outcome = try await corundControl("exec", "--", "x", daemon: daemon)
            #expect(outcome == .init(status: status, output: "", errors: errors))
        }
    }

    @Test("the first Ctrl-C cancels the job, the second one leaves")
    func interrupts() async throws {
        let answers: [String: [FakeDaemon.Answer]] = [
            "Submit": [submitted], "Watch": [.beginning([Wire.event(1, #""state":"running""#)])], "Cancel": [.silence],
        ]
        try await withDaemon(answers) { daemon async throws in
            let process = try CommandProcess(["exec", "--", "x"], environment: ["CORUND_SOCKET": daemon.socket])
            for await call in daemon.calls {
                if call.method.hasSuffix("Watch") { process.send(SIGINT) }
                if call.method.hasSuffix("Cancel") { break }
            }
            process.send(SIGINT)
            let outcome = try await process.end()
            #expect(outcome.status == 130)
            #expect(outcome.errors == "corund-ctl: cancelling job 17; Ctrl-C again leaves it to itself\n")
            let cancels = daemon.received.filter { $0.method.hasSuffix("Cancel") }
            #expect(
                cancels == [.init("io.corund.Jobs.Cancel", #"{"id":"17","reason":"interrupted at the terminal"}"#)])
        }
    }

    @Test("a variable that is not UTF-8 is refused, rather than sent as another one")
    func variableThatIsNoText() async throws {
        try await withDaemon(["Submit": [submitted]]) { daemon async throws in
            let shell = #"HERE=$(printf 'a\377') exec "$0" "$@""#
            let outcome = try await corundControl(
                "exec", "--detach", "--env", "HERE", "--", "x", daemon: daemon, shell: shell)
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains("its value here is no text in UTF-8"))
            #expect(daemon.received.isEmpty)
        }
    }

    @Test("a daemon of somebody else refuses")
    func refused() async throws {
        try await withDaemon(["Submit": [.error("org.varlink.service.PermissionDenied")]]) { daemon async throws in
            #expect(try await corundControl("exec", "--", "x", daemon: daemon).status == 77)
        }
    }
}
