import CorundCommandLine
import Glibc
import TestSupport
import Testing

@Suite("Commands about jobs", .timeLimit(.minutes(1)))
struct JobCommandTests {
    @Test("run sends the arguments and prints the result as JSON")
    func run() async throws {
        try await withDaemon(["Run": [.reply(#"{"result":{"text": "hello",  "n":1.0}}"#)]]) { daemon async throws in
            let outcome = try await corundControl(
                "run", "echo", "text=hello", "n=1.0", "--context", "mine", "--timeout", "2s", "--keep", daemon: daemon)
            #expect(outcome == .init(status: 0, output: "{\"text\":\"hello\",\"n\":1.0}\n", errors: ""))
            let parameters =
                #"{"job":"echo","arguments":{"text":"hello","n":1.0},"context":"mine","timeout_ms":2000,"keep":true}"#
            #expect(daemon.received == [.init("io.corund.Jobs.Run", parameters)])
        }
    }

    @Test("run without arguments or result sends and prints none; --json prints what the wire said")
    func runWithoutResult() async throws {
        try await withDaemon(["Run": [.reply("{}")]]) { daemon async throws in
            #expect(try await corundControl("run", "x", daemon: daemon) == .init(status: 0, output: "", errors: ""))
            #expect(try await corundControl("run", "x", "--json", daemon: daemon).output == "{}\n")
            #expect(daemon.received.first == .init("io.corund.Jobs.Run", #"{"job":"x"}"#))
        }
    }

    @Test("run reads its arguments from a file and from standard input")
    func runFromFile() async throws {
        try await withDaemon(["Run": [.reply("{}")]]) { daemon async throws in
            let folder = try TemporaryFolder()
            try folder.write("{\"from\": \"file\"}\n", to: "a.json")
            #expect(try await corundControl("run", "x", "@" + folder.file("a.json"), daemon: daemon).status == 0)
            #expect(try await corundControl("run", "x", "-", daemon: daemon, input: " [1,2]\n").status == 0)
            #expect(
                daemon.received.map(\.parameters) == [
                    #"{"job":"x","arguments":{"from": "file"}}"#, #"{"job":"x","arguments":[1,2]}"#,
                ])
        }
    }

    private static let ends: [(FakeDaemon.Answer, Int32, String)] = [
        (
            .error("io.corund.Jobs.JobFailed", #"{"id":"1","failure":{"kind":"K","message":"broken","attempt":1}}"#), 1,
            "corund-ctl: the job failed: broken (K)\n"
        ),
        (
            .error("io.corund.Jobs.InvalidArguments", #"{"job":"x","path":"a.b","message":"missing"}"#), 65,
            "corund-ctl: wrong arguments for x, at a.b: missing\n"
        ),
        (
            .error("io.corund.Jobs.UnknownJob", #"{"job":"x"}"#), 66,
            "corund-ctl: there is no kind of job called x; `corund-ctl kinds` lists them\n"
        ),
        (
            .error("io.corund.Jobs.Draining"), 75,
            "corund-ctl: the daemon is ending and admits no jobs; try again when it is back\n"
        ),
        (
            .error("io.corund.Jobs.JobTimedOut", #"{"id":"1","timeout_ms":5}"#), 124,
            "corund-ctl: the job did not end within 5 ms\n"
        ),
        (
            .error("io.corund.Jobs.JobCancelled", #"{"id":"1","reason":"no"}"#), 130,
            "corund-ctl: the job was cancelled: no\n"
        ),
        (
            .error("io.corund.Jobs.JobInterrupted", #"{"id":"1"}"#), 143,
            "corund-ctl: the daemon ended before the job did\n"
        ),
        (
            .end, 143,
            "corund-ctl: the daemon closed the connection before the job had ended. It has ended, or one of its limits "
                + "was exceeded (message-size, connections-per-uid, less without a role): its log tells\n"
        ),
    ]

    @Test("run exits as the job did, and says why", arguments: ends)
    func runEnds(answer: FakeDaemon.Answer, status: Int32, errors: String) async throws {
        try await withDaemon(["Run": [answer]]) { daemon async throws in
            let outcome = try await corundControl("run", "x", daemon: daemon)
            #expect(outcome == .init(status: status, output: "", errors: errors))
        }
    }

    @Test("with --json an error reply is JSON as well, on standard error")
    func errorAsJSON() async throws {
        try await withDaemon(["Run": [.error("io.corund.Jobs.UnknownJob", #"{"job":"x"}"#)]]) { daemon async throws in
            let outcome = try await corundControl("run", "x", "--json", daemon: daemon)
            let errors = "{\"error\":\"io.corund.Jobs.UnknownJob\",\"parameters\":{\"job\":\"x\"}}\n"
            #expect(outcome == .init(status: 66, output: "", errors: errors))
        }
    }

    @Test("Ctrl-C ends run with 130 and without a word, and hangs up")
    func interruptedRun() async throws {
        try await withDaemon(["Run": [.silence]]) { daemon async throws in
            let process = try CommandProcess(["run", "x", "--socket", daemon.socket])
            for await _ in daemon.calls { break }
            process.send(SIGINT)
            #expect(try await process.end() == .init(status: 130, output: "", errors: ""))
            for await _ in daemon.hangUps { break }
        }
    }

    @Test("an interrupt that is ignored stays ignored", .timeLimit(.minutes(1)))
    func ignoredInterrupt() async throws {
        try await withDaemon(["Run": [.silence]]) { daemon async throws in
            let process = try CommandProcess(
                ["run", "x"], environment: ["CORUND_SOCKET": daemon.socket], shell: #"trap "" INT; exec "$0" "$@""#)
            for await _ in daemon.calls { break }
            process.send(SIGINT)
            process.send(SIGTERM)
            #expect(try await process.end().status == 128 + SIGTERM)
        }
    }

    @Test("submit prints the id alone")
    func submit() async throws {
        try await withDaemon(["Submit": [.reply(#"{"id":"17","created":true}"#)]]) { daemon async throws in
            let outcome = try await corundControl(
                "submit", "echo", #"{"a":1}"#, "--key", "k", "--context", "c", "--group", "g", "--priority", "-5",
                "--not-before", "2026-11-21T03:40:00+01:00", "--after", "1", "--after", "2",
                "--timeout", "1.5s", "--max-attempts", "3", "--label", "a=b", daemon: daemon)
            #expect(outcome == .init(status: 0, output: "17\n", errors: ""))
            let submission =
                #"{"job":"echo","arguments":{"a":1},"key":"k","context":"c","group":"g","priority":-5,"after":["1","2"],"#
                + #""labels":{"a":"b"},"not_before":"2026-11-21T02:40:00.000000Z","timeout_ms":1500,"#
                + #""max_attempts":3}"#
            #expect(daemon.received == [.init("io.corund.Jobs.Submit", #"{"submission":\#(submission)}"#)])
        }
    }

    @Test("wait prints how each job ended, and exits as the first that did not succeed")
    func wait() async throws {
        let answers: [FakeDaemon.Answer] = [
            .reply(#"{"job":\#(Wire.job("succeeded", id: "1", #","result":{"a": 1}"#))}"#),
            .error("io.corund.Jobs.NoSuchJob", #"{"id":"2"}"#),
            .reply(#"{"job":\#(Wire.job("timed_out", id: "3"))}"#),
        ]
        try await withDaemon(["Wait": answers]) { daemon async throws in
            let outcome = try await corundControl("wait", "1", "2", "3", daemon: daemon)
            #expect(outcome.output == "1 succeeded {\"a\":1}\n3 timed_out\n")
            #expect(outcome.errors == "corund-ctl: there is no job 2, or it has been forgotten\n")
            #expect(outcome.status == 66)
        }
    }

    @Test(
        "wait's status is the job's",
        arguments: [("succeeded", 0), ("failed", 1), ("cancelled", 130), ("timed_out", 124), ("interrupted", 143)])
    func waitStatus(state: String, status: Int32) async throws {
        let reply = #"{"job":\#(Wire.job(state))}"#
        try await withDaemon(["Wait": [.reply(reply)]]) { daemon async throws in
            let outcome = try await corundControl("wait", "17", "--json", daemon: daemon)
            #expect(outcome == .init(status: status, output: reply + "\n", errors: ""))
        }
    }

    @Test("a daemon that ends while a detached job is waited for is not the job's end")
    func waitAbandoned() async throws {
        try await withDaemon(["Wait": [.end]]) { daemon async throws in
            #expect(try await corundControl("wait", "--no-reconnect", "17", daemon: daemon).status == 69)
        }
    }

    @Test("a daemon that answers and ends at once has answered", arguments: 1...10)
    func lastWords(attempt: Int) async throws {
        try await withDaemon(["Wait": [.replyAndEnd(#"{"job":\#(Wire.job("interrupted"))}"#)]]) { daemon async throws in
            let outcome = try await corundControl("wait", "17", daemon: daemon)
            #expect(outcome == .init(status: 143, output: "17 interrupted\n", errors: ""))
        }
    }

    @Test("watch prints events as they come, and exits as the job did")
    func watch() async throws {
        let events = [
            Wire.event(1, #""state":"running""#), Wire.event(2, #""progress":{"fraction":0.5}"#),
            Wire.event(3, #""state":"failed""#),
        ]
        let answers: [String: [FakeDaemon.Answer]] = [
            "Watch": [.replies(events)], "Get": [.reply(#"{"job":\#(Wire.job("failed"))}"#)],
        ]
        try await withDaemon(answers) { daemon async throws in
            let outcome = try await corundControl("watch", "17", "--from", "1", daemon: daemon)
            let time = "2026-11-21T03:40:00.000000Z"
            #expect(outcome == .init(status: 1, output: "\(time) running\n\(time) 50%\n\(time) failed\n", errors: ""))
            #expect(
                daemon.received.first == .init("io.corund.Jobs.Watch", #"{"id":"17","from":1}"#, wantsMore: true))
            #expect(
                try await corundControl("watch", "17", "--json", daemon: daemon).output
                    == events.map { $0 + "\n" }.joined())
        }
    }

    @Test("watch --output passes on what the program writes, each stream to its own, and nothing else")
    func watchOutput() async throws {
        let events = [
            Wire.event(1, #""state":"running""#), Wire.event(2, #""output":{"stream":"stdout","base64":"b25lCg=="}"#),
            Wire.event(3, #""output":{"stream":"stderr","base64":"dHdvCg=="}"#),
            Wire.event(4, #""state":"succeeded""#),
        ]
        try await withDaemon(["Watch": [.replies(events)]]) { daemon async throws in
            let outcome = try await corundControl("watch", "--output", "17", daemon: daemon)
            #expect(outcome == .init(status: 0, output: "one\n", errors: "two\n"))
        }
        let broken = Wire.event(1, #""output":{"stream":"stdout","base64":"?"}"#)
        try await withDaemon(["Watch": [.replies([broken])]]) { daemon async throws in
            #expect(try await corundControl("watch", "--output", "17", daemon: daemon).status == 76)
        }
    }

    @Test("get prints the job, and succeeds whatever became of it")
    func get() async throws {
        let reply = #"{"job":\#(Wire.job("failed"))}"#
        try await withDaemon(["Get": [.reply(reply)]]) { daemon async throws in
            let outcome = try await corundControl("get", "17", daemon: daemon)
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("id         17\njob        echo\nstate      failed\n"))
            #expect(try await corundControl("get", "17", "--json", daemon: daemon).output == reply + "\n")
        }
    }

    @Test("list sends its filters, and follows the pages until there are enough")
    func list() async throws {
        let pages = [
            #"{"jobs":[\#(Wire.job("running", id: "3"))],"next":"3"}"#,
            #"{"jobs":[\#(Wire.job("queued", id: "2"))],"next":"2"}"#,
            #"{"jobs":[\#(Wire.job("queued", id: "1"))]}"#,
        ]
        try await withDaemon(["List": pages.map(FakeDaemon.Answer.reply)]) { daemon async throws in
            let outcome = try await corundControl(
                "list", "--state", "running", "--state", "timed_out", "--job", "echo", "--group", "g", "--label", "a=b",
                "--limit", "2", daemon: daemon)
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first?.hasPrefix("ID  KIND  STATE") == true)
            #expect(lines.last?.hasPrefix(" 2  echo  queued") == true)
            let filter = #"{"states":["running","timed_out"],"job":"echo","group":"g","label":"a=b","limit":"#
            #expect(daemon.received.map(\.parameters) == [filter + "2}", filter + #"1,"before":"3"}"#])
        }
        try await withDaemon(["List": pages.map(FakeDaemon.Answer.reply)]) { daemon async throws in
            let outcome = try await corundControl("list", "--all", "--json", daemon: daemon)
            #expect(outcome == .init(status: 0, output: pages.map { $0 + "\n" }.joined(), errors: ""))
            #expect(
                daemon.received.map(\.parameters) == [
                    #"{"limit":1000}"#, #"{"limit":1000,"before":"3"}"#, #"{"limit":1000,"before":"2"}"#,
                ])
        }
    }

    @Test("cancel goes on after a job that is not there, and says which")
    func cancelMany() async throws {
        let answers: [FakeDaemon.Answer] = [
            .reply(#"{"state":"cancelled","stuck":false}"#), .error("io.corund.Jobs.NoSuchJob", #"{"id":"2"}"#),
            .reply(#"{"state":"running","stuck":true}"#),
        ]
        try await withDaemon(["Cancel": answers]) { daemon async throws in
            let outcome = try await corundControl("cancel", "1", "2", "3", daemon: daemon)
            #expect(outcome.status == 66)
            #expect(outcome.output.hasPrefix("1 cancelled\n3 running, stuck"))
            #expect(outcome.errors == "corund-ctl: there is no job 2, or it has been forgotten\n")
            #expect(daemon.received.map(\.parameters) == (1...3).map { #"{"id":"\#($0)"}"# })
        }
    }

    @Test("cancel tells the state, and says when the job is stuck")
    func cancel() async throws {
        let answers: [FakeDaemon.Answer] = [
            .reply(#"{"state":"cancelled","stuck":false}"#), .reply(#"{"state":"running","stuck":true}"#),
        ]
        try await withDaemon(["Cancel": answers]) { daemon async throws in
            let done = try await corundControl("cancel", "17", "--reason", "why", "--grace", "5s", daemon: daemon)
            #expect(done == .init(status: 0, output: "17 cancelled\n", errors: ""))
            let stuck = try await corundControl("cancel", "17", daemon: daemon)
            #expect(stuck.status == 1)
            #expect(stuck.output.hasPrefix("17 running, stuck"))
            #expect(
                daemon.received.map(\.parameters) == [#"{"id":"17","reason":"why","grace_ms":5000}"#, #"{"id":"17"}"#])
        }
    }

    @Test("kinds lists them")
    func kinds() async throws {
        let reply = #"{"kinds":[{"name":"echo","summary":"S","durable":true,"group":"g","max_attempts":1}]}"#
        try await withDaemon(["Kinds": [.reply(reply)]]) { daemon async throws in
            #expect(
                try await corundControl("kinds", daemon: daemon).output.hasSuffix(
                    "\necho  yes      g            -         1  S\n"))
            #expect(try await corundControl("kinds", "--json", daemon: daemon).output == reply + "\n")
        }
    }

    @Test("a reader that goes away ends the command quietly", arguments: ["", #"trap "" PIPE; "#])
    func brokenPipe(preparation: String) async throws {
        let page = #"{"jobs":[],"next":"1"}"#
        try await withDaemon(["List": [.reply(page)]]) { daemon async throws in
            // The list has no end; only the broken pipe ends it.
            let script = #"set -o pipefail; ( \#(preparation)exec "$0" "$@" ) | head -n 1"#
            let outcome = try await corundControl(
                "list", "--all", "--json", daemon: daemon, shell: "exec bash -c '\(script)' \"$0\" \"$@\"")
            #expect(outcome == .init(status: 141, output: page + "\n", errors: ""))
        }
    }

    @Test("a watch ends with its reader, also while nothing happens", arguments: ["", #"trap "" PIPE; "#])
    func readerOfAWatch(preparation: String) async throws {
        let event = Wire.event(1, #""state":"running""#)
        try await withDaemon(["Watch": [.beginning([event])]]) { daemon async throws in
            let script = #"set -o pipefail; ( \#(preparation)exec timeout 60 "$0" "$@" ) | head -n 1"#
            let outcome = try await corundControl(
                "watch", "17", "--json", daemon: daemon, shell: "exec bash -c '\(script)' \"$0\" \"$@\"")
            #expect(outcome == .init(status: 141, output: event + "\n", errors: ""))
        }
    }

    @Test("output that cannot be written is an error")
    func fullDisk() async throws {
        try await withDaemon(["Kinds": [.reply(#"{"kinds":[]}"#)]]) { daemon async throws in
            let outcome = try await corundControl("kinds", daemon: daemon, shell: #"exec "$0" "$@" > /dev/full"#)
            #expect(outcome.status == 74)
            #expect(outcome.errors == "corund-ctl: cannot write the output: No space left on device\n")
        }
    }
}
