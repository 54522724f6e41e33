import CorundAPI
import TestSupport
import Testing
import Varlink

@Suite("submit --batch", .timeLimit(.minutes(1)))
struct BatchCommandTests {
    private func lines(_ count: Int, _ more: String = "") -> String {
        (1...count).map { #"{"job":"echo","arguments":{"n":\#($0)}\#(more)}"# + "\n" }.joined()
    }

    private func ids(_ range: ClosedRange<Int>) -> FakeDaemon.Answer {
        .reply(#"{"ids":[\#(range.map { "\"\($0)\"" }.joined(separator: ","))]}"#)
    }

    private func printed(_ ranges: ClosedRange<Int>...) -> String {
        ranges.joined().map { "\($0)\n" }.joined()
    }

    private func sizes(_ daemon: FakeDaemon) throws -> [Int] {
        try daemon.received.map {
            try RawJSON(validating: $0.parameters).decode([String: [RawJSON]].self)["submissions"]?.count ?? 0
        }
    }

    @Test("sends the lines by the thousand, as they are written, and prints the ids in their order")
    func all() async throws {
        let answers = [ids(1...1000), ids(1001...2000), ids(2001...2500)]
        try await withDaemon(["SubmitMany": answers]) { daemon async throws in
            let outcome = try await corundControl("submit", "--batch", "-", daemon: daemon, input: lines(2500))
            #expect(outcome == .init(status: 0, output: printed(1...2500), errors: ""))
            #expect(try sizes(daemon) == [1000, 1000, 500])
        }
    }

    @Test("reads a file, blank lines and a last line without an end, and prints what the wire said with --json")
    func file() async throws {
        let folder = try TemporaryFolder()
        try folder.write("\n{\"job\": \"a\",  \"key\":\"k\"}\r\n  \n{\"job\":\"b\"}", to: "jobs")
        try await withDaemon(["SubmitMany": [ids(1...2)]]) { daemon async throws in
            let outcome = try await corundControl("submit", "--json", "--batch", folder.file("jobs"), daemon: daemon)
            #expect(outcome == .init(status: 0, output: "{\"ids\":[\"1\",\"2\"]}\n", errors: ""))
            #expect(
                daemon.received.map(\.parameters) == [#"{"submissions":[{"job": "a",  "key":"k"},{"job":"b"}]}"#])
        }
    }

    @Test("of an empty file is nothing")
    func empty() async throws {
        try await withDaemon([:]) { daemon async throws in
            let outcome = try await corundControl("submit", "--batch", "-", daemon: daemon)
            #expect(outcome == .init(status: 0, output: "", errors: ""))
        }
    }

    @Test("names the line that is wrong, sends none of its part, and says what is in")
    func wrongLine() async throws {
        let wrong: [(String, String)] = [
            ("{", "expected"), (#"{"job":"x","lables":{}}"#, "there is no member \"lables\""),
            (#"{"job":"x","priority":"high"}"#, "priority: expected an integer"), ("{}", "job: missing"),
            ("[]", "expected"),
        ]
        for (line, words) in wrong {
            try await withDaemon(["SubmitMany": [ids(1...1000)]]) { daemon async throws in
                let input = lines(1004) + line + "\n" + lines(1000)
                let outcome = try await corundControl("submit", "--batch", "-", daemon: daemon, input: input)
                #expect(outcome.status == 65)
                #expect(outcome.output == printed(1...1000))
                #expect(outcome.errors.hasPrefix("corund-ctl: standard input:1005: "))
                #expect(outcome.errors.contains(words))
                #expect(
                    outcome.errors.hasSuffix(
                        ". Submitted: lines 1-1000. Not submitted: all from line 1001 on.\n"))
                #expect(try sizes(daemon) == [1000])
            }
        }
    }

    private static let refusals: [(FakeDaemon.Answer, Int32, String)] = [
        (
            .error("org.varlink.service.InvalidParameter", #"{"parameter":"submissions[3].priority"}"#), 65,
            "standard input:1004: the daemon does not accept the parameter"
        ),
        (
            .error("io.corund.Jobs.InvalidArguments", #"{"job":"echo","path":"n","message":"too large"}"#), 65,
            "standard input:1001-2000: wrong arguments for echo, at n: too large"
        ),
        (
            .error("io.corund.Jobs.UnknownJob", #"{"job":"echo"}"#), 66,
            "standard input:1001: there is no kind of job called echo"
        ),
        (
            .error("io.corund.Jobs.StorageUnavailable", #"{"message":"disk full"}"#), 75,
            "standard input:1001-2000: jobs cannot be recorded: disk full"
        ),
    ]

    @Test("says which part the daemon refused, and what is in", arguments: refusals)
    func refused(answer: FakeDaemon.Answer, status: Int32, words: String) async throws {
        try await withDaemon(["SubmitMany": [ids(1...1000), answer]]) { daemon async throws in
            let outcome = try await corundControl("submit", "--batch", "-", daemon: daemon, input: lines(2000))
            #expect(outcome.status == status)
            #expect(outcome.output == printed(1...1000))
            #expect(outcome.errors.hasPrefix("corund-ctl: " + words))
            #expect(outcome.errors.hasSuffix(" Submitted: lines 1-1000. Not submitted: lines 1001-2000.\n"))
        }
    }

    @Test("sends nothing more after a part that is refused; what is on its way is told")
    func stops() async throws {
        let answers = [
            .error("io.corund.Jobs.UnknownJob", #"{"job":"echo"}"#), ids(1001...2000), ids(2001...3000),
            ids(3001...4000),
        ]
        try await withDaemon(["SubmitMany": answers]) { daemon async throws in
            let outcome = try await corundControl("submit", "--batch", "-", daemon: daemon, input: lines(7000))
            #expect(outcome.status == 66)
            #expect(outcome.output == printed(1001...4000))
            #expect(
                outcome.errors.hasSuffix(
                    " Submitted: lines 1001-4000. Not submitted: lines 1-1000, all from line 4001 on.\n"))
            #expect(try sizes(daemon) == [1000, 1000, 1000, 1000])
        }
    }

    @Test("waits for a queue that is full, and prints in the order of the lines all the same")
    func queueFull() async throws {
        let full = FakeDaemon.Answer.error("io.corund.Jobs.QueueFull", #"{"limit":5,"retry_after_ms":1}"#)
        try await withDaemon(["SubmitMany": [full, ids(1001...1500), ids(1...1000)]]) { daemon async throws in
            let outcome = try await corundControl("submit", "--batch", "-", daemon: daemon, input: lines(1500))
            let words =
                "corund-ctl: there is no room in the queue, where at most 5 jobs wait; try again in 1 ms; trying again\n"
            #expect(outcome == .init(status: 0, output: printed(1...1500), errors: words))
            #expect(try sizes(daemon) == [1000, 500, 1000])
        }
    }

    @Test("does not send again what may be in, unless its keys make that harmless")
    func lost() async throws {
        try await withDaemon(["SubmitMany": [ids(1...1000), .end]]) { daemon async throws in
            let outcome = try await corundControl("submit", "--batch", "-", daemon: daemon, input: lines(1500))
            #expect(outcome.status == 69)
            #expect(outcome.output == printed(1...1000))
            #expect(outcome.errors.hasSuffix(" Submitted: lines 1-1000. Perhaps submitted: lines 1001-1500.\n"))
        }
        let place = try TemporaryFolder()
        let before = try FakeDaemon(["SubmitMany": [.silence]], in: place)
        let process = try CommandProcess(
            ["submit", "--batch", "-"], environment: ["CORUND_SOCKET": before.socket],
            input: #"{"job":"x","key":"k"}"#)
        for await _ in before.calls { break }
        before.stop()
        let after = try FakeDaemon(["SubmitMany": [ids(7...7)]], in: place)
        defer { after.stop() }
        let outcome = try await process.end()
        #expect(outcome.status == 0)
        #expect(outcome.output == "7\n")
        #expect(outcome.errors.hasSuffix("; trying again\n"))
    }

    @Test("a file that is not there is 65")
    func missing() async throws {
        try await withDaemon([:]) { daemon async throws in
            let outcome = try await corundControl("submit", "--batch", "/nowhere/jobs", daemon: daemon)
            #expect(outcome.status == 65)
            #expect(outcome.errors == "corund-ctl: cannot read /nowhere/jobs: No such file or directory\n")
        }
    }
}
