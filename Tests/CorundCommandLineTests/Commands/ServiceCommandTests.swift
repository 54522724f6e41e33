import CLinux
import CorundAPI
import CorundCommandLine
import CorundLoop
import Glibc
import TestSupport
import Testing

@Suite("Commands about the daemon", .timeLimit(.minutes(1)))
struct ServiceCommandTests {
    private static let well = #"{"live":true,"ready":true,"reasons":[],"last_tick_age_us":5}"#
    private static let draining = #"{"live":true,"ready":false,"reasons":["draining"],"last_tick_age_us":5}"#
    private static let ill = #"{"live":false,"ready":false,"reasons":["wedged"],"last_tick_age_us":5}"#

    private static let probes: [(String, [String], Int32, String)] = [
        (well, [], 0, "ready\n"), (well, ["--live"], 0, "ready\n"), (well, ["--ready"], 0, "ready\n"),
        (draining, [], 0, "live, not ready: draining\n"), (draining, ["--ready"], 1, "live, not ready: draining\n"),
        (ill, [], 1, "not live: wedged\n"), (ill, ["--ready"], 1, "not live: wedged\n"),
        (draining, ["--ready", "--quiet"], 1, ""), (well, ["--quiet"], 0, ""), (well, ["--json"], 0, well + "\n"),
        (well, ["--json", "--quiet"], 0, ""),
    ]

    @Test("health's status is the answer", arguments: probes)
    func health(reply: String, arguments: [String], status: Int32, output: String) async throws {
        try await withDaemon(["Health": [.reply(reply)]]) { daemon async throws in
            let outcome = try await CommandProcess(["health", "--socket", daemon.socket] + arguments).end()
            #expect(outcome == .init(status: status, output: output, errors: ""))
        }
    }

    /// Runs a probe with little patience; how long it took.
    private func probe(_ socket: String, _ arguments: String...) async throws -> (CommandProcess.Outcome, Duration) {
        let start = ContinuousClock.now
        let words = ["health", "--timeout", "100ms", "--socket", socket] + arguments
        let outcome = try await CommandProcess(words).end()
        return (outcome, ContinuousClock.now - start)
    }

    /// Far more than the time a probe has, far less than for ever, on a machine with other work.
    private let patience = Duration.seconds(20)

    @Test("a daemon that takes the connection and does not answer fails the probe in time")
    func wedged() async throws {
        try await withDaemon(["Health": [.silence]]) { daemon async throws in
            let (outcome, time) = try await probe(daemon.socket)
            #expect(outcome.status == 69)
            #expect(outcome.errors.hasPrefix("corund-ctl: not live: no answer from \(daemon.socket) within 100ms."))
            #expect(time >= .milliseconds(100) && time < patience)
        }
    }

    @Test("so does one that does not even accept, with room in its queue or without")
    func fullQueue() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s")
        let listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        #expect(corund_bind_unix(listener, path) == 0 && listen(listener, 0) == 0)
        var waiting: [CInt] = []
        defer { for descriptor in waiting + [listener] { close(descriptor) } }
        #expect(try await probe(path).0.status == 69)
        repeat {
            waiting.append(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0))
        } while corund_connect_unix(waiting[waiting.count - 1], path) == 0
        let (outcome, time) = try await probe(path, "--quiet")
        #expect(outcome == .init(status: 69, output: "", errors: ""))
        #expect(time < patience)
    }

    @Test("nobody at the socket, or no socket, is 69; and --quiet is quiet")
    func unreachable() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s")
        let (missing, _) = try await probe(path)
        #expect(missing.status == 69)
        #expect(
            missing.errors.hasPrefix(
                "corund-ctl: cannot connect to \(path): No such file or directory. Is the daemon running?"))
        let listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        #expect(corund_bind_unix(listener, path) == 0)
        close(listener)
        let (refused, _) = try await probe(path, "--quiet")
        #expect(refused == .init(status: 69, output: "", errors: ""))
    }

    @Test(
        "a socket that may not be connected to is 77",
        .enabled(if: geteuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0))
    func notPermitted() async throws {
        try await withDaemon([:]) { daemon async throws in
            chmod(daemon.socket, 0)
            let shell =
                #"[ $(id -u) -ne 0 ] || exec setpriv --bounding-set=-all --inh-caps=-all "$0" "$@"; exec "$0" "$@""#
            let outcome = try await corundControl("stats", daemon: daemon, shell: shell)
            #expect(outcome.status == 77)
            #expect(outcome.errors.contains("Permission denied. The socket's owner and group may connect"))
        }
    }

    @Test("where no socket is named and none is found, the error says what was tried")
    func noSocket() async throws {
        let environment = ["XDG_RUNTIME_DIR": "/nowhere"]
        let outcome = try await CommandProcess(["kinds"], environment: environment).end()
        guard access(SocketChoice.systemPath, F_OK) != 0 else { return }
        #expect(outcome.status == 69)
        #expect(
            outcome.errors.hasPrefix(
                "corund-ctl: no daemon found: there is no /nowhere/corund/corund.sock and no /run/corund/corund.sock. ")
        )
    }

    @Test("contexts, stats and debug print what the daemon answers")
    func answers() async throws {
        let contexts = #"{"contexts":[{"name":"shared","jobs":1,"variables":{}}]}"#
        try await withDaemon(["Contexts": [.reply(contexts)], "SetDebug": [.reply(#"{"enabled":true}"#)]]) {
            daemon async throws in
            #expect(
                try await corundControl("contexts", daemon: daemon).output
                    == "CONTEXT  JOBS  VARIABLES\nshared      1\n")
            #expect(try await corundControl("contexts", "--json", daemon: daemon).output == contexts + "\n")
            #expect(try await corundControl("debug", "on", daemon: daemon).output == "debug on\n")
            #expect(daemon.received.last == .init("io.corund.Service.SetDebug", #"{"enabled":true}"#))
        }
    }

    @Test("drain prints how many jobs are left")
    func drain() async throws {
        let left = [2, 1, 0].map { #"{"running":\#($0)}"# }
        try await withDaemon(["Drain": [.replies(left)]]) { daemon async throws in
            let outcome = try await corundControl("drain", "--timeout", "30s", daemon: daemon)
            #expect(outcome == .init(status: 0, output: "2\n1\n0\n", errors: ""))
            #expect(daemon.received == [.init("io.corund.Service.Drain", #"{"timeout_ms":30000}"#, wantsMore: true)])
        }
    }

    @Test("call calls any method, once or for more than one reply")
    func call() async throws {
        try await withDaemon(["Watch": [.replies(["{\"a\": 1}", "{}"])], "Get": [.reply("{ }")]]) {
            daemon async throws in
            let once = try await corundControl("call", "io.corund.Jobs.Get", #"{"id":"1"}"#, daemon: daemon)
            #expect(once == .init(status: 0, output: "{}\n", errors: ""))
            let more = try await corundControl("call", "io.corund.Jobs.Watch", "--more", daemon: daemon)
            #expect(more == .init(status: 0, output: "{\"a\":1}\n{}\n", errors: ""))
            #expect(
                daemon.received == [
                    .init("io.corund.Jobs.Get", #"{"id":"1"}"#), .init("io.corund.Jobs.Watch", "{}", wantsMore: true),
                ])
        }
    }

    @Test("a method that the daemon does not have is named")
    func unknownMethod() async throws {
        try await withDaemon([:]) { daemon async throws in
            let outcome = try await corundControl("call", "io.corund.Jobs.Nothing", daemon: daemon)
            #expect(outcome.status == 76)
            #expect(outcome.errors.hasPrefix("corund-ctl: the daemon has no io.corund.Jobs.Nothing."))
        }
    }
}

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "a wrong command line is 64, explained on standard error",
        arguments: [
            [], ["nonsense"], ["run"], ["wait"], ["run", "x", "--timeout", "5 parsecs"], ["run", "x", "--unknown"],
            ["list", "--state", "odd"], ["list", "--limit", "0"],
            ["debug", "maybe"],
            ["list", "--all", "--limit", "1"], ["submit"], ["submit", "x", "--label", "word"],
            ["submit", "x", "--not-before", "tomorrow"], ["submit", "x", "--priority", "101"],
            ["submit", "x", "--max-attempts", "-1"], ["submit", "x", "--delay", "1s", "--not-before", "03:40"],
            ["submit", "x", "--batch", "-"], ["submit", "--batch", "-", "--wait"],
            ["submit", "--batch", "-", "--group", "g"], ["exec"], ["exec", "--env", "NO_SUCH_VARIABLE", "--", "x"],
            ["retry"], ["remove"], ["pause", "a", "b"], ["watch", "17", "--from", "0"],
            ["watch", "17", "--output", "--json"], ["stats", "--interval", "1ms"],
            ["health", "--format", "nagios", "--json"],
            ["health", "--live", "--ready"],
            ["kinds", "extra"],
        ])
    func usage(arguments: [String]) async throws {
        let outcome = try await CommandProcess(arguments).end()
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(!outcome.errors.isEmpty)
    }

    @Test(
        "wrong arguments of a job are 65, before anybody is asked",
        arguments: [["{"], ["word"], ["a=1", "a=2"], ["@/nowhere"]])
    func jobArguments(words: [String]) async throws {
        let outcome = try await CommandProcess(["run", "x", "--socket", "/nowhere/s"] + words).end()
        #expect(outcome.status == 65)
        #expect(outcome.errors.hasPrefix("corund-ctl: "))
    }

    @Test("--version prints a version")
    func version() async throws {
        let outcome = try await CommandProcess(["--version"]).end()
        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: ".").count == 3)
    }

    private static let commands = [
        "run", "submit", "exec", "wait", "watch", "get", "list", "cancel", "retry", "remove", "kinds", "health",
        "stats",
        "metrics", "ps", "pstree", "contexts", "pause", "resume", "reload", "drain", "debug", "call",
    ]

    @Test("help lists every command with what it does, a line for each")
    func overview() async throws {
        let lines = try await CommandProcess(["help"]).end().output.split(separator: "\n")
        for command in Self.commands {
            #expect(lines.contains { $0.hasPrefix("  \(command) ") && $0.hasSuffix(".") }, "\(command)")
        }
    }

    @Test("completions are generated for each shell", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let outcome = try await CommandProcess(["--generate-completion-script", shell]).end()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("timeout 1 corund-ctl kinds 2>/dev/null"))
    }

    @Test("every command has help with an example", arguments: commands)
    func help(command: String) async throws {
        let outcome = try await CommandProcess([command, "--help"]).end()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("\n  corund-ctl \(command)"))
    }
}
