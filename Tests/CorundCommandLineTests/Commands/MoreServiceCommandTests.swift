import Glibc
import TestSupport
import Testing

@Suite("Commands to look after the daemon", .timeLimit(.minutes(1)))
struct MoreServiceCommandTests {
    @Test("pause and resume take a group, or mean all", arguments: ["pause", "resume"])
    func pause(command: String) async throws {
        let method = command == "pause" ? "Pause" : "Resume"
        let error = FakeDaemon.Answer.error("io.corund.Service.NoSuchGroup", #"{"group":"odd"}"#)
        try await withDaemon([method: [.reply("{}"), .reply("{}"), .reply("{}"), error]]) { daemon async throws in
            let all = try await corundControl(command, daemon: daemon)
            #expect(all == .init(status: 0, output: "\(command)d all groups\n", errors: ""))
            #expect(try await corundControl(command, "builds", daemon: daemon).output == "\(command)d builds\n")
            #expect(try await corundControl(command, "--json", daemon: daemon).output == "{}\n")
            let unknown = try await corundControl(command, "odd", daemon: daemon)
            #expect(unknown.status == 66)
            #expect(unknown.errors.hasPrefix("corund-ctl: there is no group called odd"))
            #expect(daemon.received.map(\.parameters) == ["{}", #"{"group":"builds"}"#, "{}", #"{"group":"odd"}"#])
        }
    }

    @Test("reload prints what has changed; a configuration that is wrong is 1, with file and line")
    func reload() async throws {
        let error = FakeDaemon.Answer.error(
            "io.corund.Service.ConfigurationInvalid", #"{"file":"/c.toml","line":3,"message":"unknown key"}"#)
        let changed = FakeDaemon.Answer.reply(#"{"changed":["a","b"],"needs_restart":["c"]}"#)
        try await withDaemon(["Reload": [changed, .reply(#"{"changed":[]}"#), error]]) { daemon async throws in
            let outcome = try await corundControl("reload", daemon: daemon)
            #expect(outcome.output == "a\nb\nc (counts after a restart)\n")
            #expect(try await corundControl("reload", daemon: daemon) == .init(status: 0, output: "", errors: ""))
            let wrong = try await corundControl("reload", daemon: daemon)
            let errors = "corund-ctl: /c.toml:3: unknown key; the configuration stays as it was\n"
            #expect(wrong == .init(status: 1, output: "", errors: errors))
        }
    }

    @Test("metrics prints the text as it is, or replaces a file by it in one step")
    func metrics() async throws {
        try await withDaemon(["Metrics": [.reply(##"{"text":"# HELP a b\na 1\n"}"##)]]) { daemon async throws in
            #expect(try await corundControl("metrics", daemon: daemon).output == "# HELP a b\na 1\n")
            let folder = try TemporaryFolder()
            try folder.write("what was there before, and longer", to: "corund.prom")
            let path = folder.file("corund.prom")
            let outcome = try await corundControl(
                "metrics", "--output", path, daemon: daemon, shell: #"umask 077; exec "$0" "$@""#)
            #expect(outcome == .init(status: 0, output: "", errors: ""))
            #expect(try folder.read("corund.prom") == "# HELP a b\na 1\n")
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o644)
            #expect(try folder.names() == ["corund.prom"])
        }
    }

    @Test("metrics leave what is no file in its place, and a link a link")
    func metricsThrough() async throws {
        try await withDaemon(["Metrics": [.reply(#"{"text":"a 1\n"}"#)]]) { daemon async throws in
            let folder = try TemporaryFolder()
            #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
            let pipe = open(folder.file("pipe"), O_RDWR | O_NONBLOCK | O_CLOEXEC)
            defer { close(pipe) }
            #expect(try await corundControl("metrics", "--output", folder.file("pipe"), daemon: daemon).status == 0)
            var buffer = [UInt8](repeating: 0, count: 64)
            let count = read(pipe, &buffer, buffer.count)
            #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "a 1\n")
            try folder.write("before", to: "file")
            #expect(symlink("file", folder.file("link")) == 0)
            #expect(try await corundControl("metrics", "--output", folder.file("link"), daemon: daemon).status == 0)
            #expect(try folder.read("file") == "a 1\n")
            #expect(try folder.names().sorted() == ["file", "link", "pipe"])
        }
    }

    @Test("metrics that cannot be written leave nothing behind")
    func metricsNowhere() async throws {
        try await withDaemon(["Metrics": [.reply(#"{"text":"a 1\n"}"#)]]) { daemon async throws in
            let folder = try TemporaryFolder()
            // A folder, which a file cannot replace.
            let outcome = try await corundControl("metrics", "--output", folder.file("."), daemon: daemon)
            #expect(outcome.status == 74)
            #expect(outcome.errors.hasPrefix("corund-ctl: cannot write \(folder.file(".")): "))
            #expect(try folder.names() == [])
            let nowhere = try await corundControl("metrics", "--output", folder.file("no/file"), daemon: daemon)
            #expect(nowhere.errors == "corund-ctl: cannot write \(folder.file("no/file")): No such file or directory\n")
        }
    }

    private let tasks = #"""
        {"tasks":[{"id":"1","name":"main","state":"waiting","created_at":"2026-11-21T03:40:00Z","created_in":"a.swift:1",\#
        "loop_time_us":5,"context":"shared"},{"id":"2","parent":"1","name":"child","job":"17","state":"ready",\#
        "created_at":"2026-11-21T03:40:00Z","created_in":"b.swift:2","loop_time_us":7,"context":"shared"}]}
        """#

    @Test("ps and pstree show the coroutines")
    func tasksAreShown() async throws {
        try await withDaemon(["Tasks": [.reply(tasks)]]) { daemon async throws in
            let list = try await corundControl("ps", daemon: daemon).output.split(separator: "\n")
            #expect(list.count == 3)
            #expect(list.last?.hasPrefix(" 2  child   17  ready") == true)
            let tree = try await corundControl("pstree", daemon: daemon).output.split(separator: "\n")
            #expect(tree.count == 2)
            #expect(tree.last?.hasPrefix("└─ child (2), job 17: ready, ") == true)
            #expect(try await corundControl("ps", "--json", daemon: daemon).output == tasks + "\n")
        }
    }

    private static let well = #"{"live":true,"ready":true,"reasons":[],"last_tick_age_us":5}"#
    private static let stuck = #"{"live":true,"ready":true,"reasons":["job 7 | is stuck"],"last_tick_age_us":5}"#
    private static let draining = #"{"live":true,"ready":false,"reasons":["draining"],"last_tick_age_us":5}"#
    private static let ill = #"{"live":false,"ready":false,"reasons":["wedged"],"last_tick_age_us":5}"#

    private static let probes: [(FakeDaemon.Answer, [String], Int32, String)] = [
        (.reply(well), [], 0, "CORUND OK - ready | tick_age=5us\n"),
        (.reply(stuck), [], 1, "CORUND WARNING - ready: job 7 / is stuck | tick_age=5us\n"),
        (.reply(draining), [], 1, "CORUND WARNING - live, not ready: draining | tick_age=5us\n"),
        (.reply(draining), ["--ready"], 2, "CORUND CRITICAL - live, not ready: draining | tick_age=5us\n"),
        (.reply(ill), [], 2, "CORUND CRITICAL - not live: wedged | tick_age=5us\n"),
        (
            .error("org.varlink.service.PermissionDenied"), [], 3,
            "CORUND UNKNOWN - the daemon does not permit you to do that. Ask its administrator for a role that does\n"
        ),
        (.reply("{}"), [], 3, "CORUND UNKNOWN - the daemon's answer is not as this command knows it: "),
        (.silence, ["--timeout", "100ms"], 2, "CORUND CRITICAL - not live: no answer from "),
        (.reply(draining), ["--quiet"], 1, ""),
    ]

    @Test("health --format nagios is a line and a status from 0 to 3", arguments: probes)
    func nagios(answer: FakeDaemon.Answer, arguments: [String], status: Int32, output: String) async throws {
        try await withDaemon(["Health": [answer]]) { daemon async throws in
            let words = ["health", "--format", "nagios", "--socket", daemon.socket] + arguments
            let outcome = try await CommandProcess(words).end()
            #expect(outcome.status == status)
            #expect(outcome.errors == "")
            #expect(
                output.hasSuffix("\n") || output == "" ? outcome.output == output : outcome.output.hasPrefix(output))
        }
        let gone = try await CommandProcess(["health", "--format", "nagios", "--socket", "/nowhere/s"]).end()
        #expect(gone.status == 2)
        #expect(gone.output.hasPrefix("CORUND CRITICAL - cannot connect to /nowhere/s"))
    }

    @Test("stats --watch prints a block each time, until Ctrl-C")
    func statistics() async throws {
        let times = #"{"count":0,"min_us":0,"p50_us":0,"p90_us":0,"p99_us":0,"max_us":0}"#
        let reply = """
            {"version":"1.2.3","started_at":"2026-11-21T03:40:00Z","uptime_ms":1000,"debug":false,"draining":false,\
            "jobs":{},"groups":[],"ticks":7,"loop_lag":\(times),"submit_to_start":\(times),"run_time":\(times),"tasks":3,\
            "timers":4,"connections":5,"pool_threads":6,"pool_busy":1,"pool_queued":0,"resident_bytes":1}
            """
        try await withDaemon(["Statistics": [.reply(reply)]]) { daemon async throws in
            let process = try CommandProcess(
                ["stats", "--watch", "--interval", "100ms"], environment: ["CORUND_SOCKET": daemon.socket])
            var count = 0
            for await _ in daemon.calls {
                count += 1
                if count == 3 { break }
            }
            process.send(SIGINT)
            let outcome = try await process.end()
            #expect(outcome.status == 130)
            let blocks = outcome.output.components(separatedBy: "version  1.2.3\n").dropFirst()
            #expect(blocks.count >= 2)
            #expect(blocks.dropLast().allSatisfy { $0.hasSuffix("\n\n") })
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
