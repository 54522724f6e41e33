import CorundAPI
import Foundation
import Glibc
import TestSupport
import Testing

/// The configuration is read again while the daemon runs.
struct ReloadTests {
    /// A daemon without a terminal, as the service manager starts it.
    private static func run(_ configuration: String = "", _ body: (TestDaemon, WireClient) throws -> Void) throws {
        try TestDaemon.run(configuration, launcher: { _ in ["setsid"] }) { daemon in
            try body(daemon, try daemon.connect())
        }
    }

    private static func reload(_ client: WireClient) throws -> ReloadResult {
        try client.call("Service.Reload").decode()
    }

    private static func command(_ name: String, _ text: String) -> String {
        "[commands.\(name)]\nargv = [\"/bin/echo\", \"\(text)\"]\n"
    }

    /// All that the daemon has logged, once it has ended.
    private static func log(of daemon: TestDaemon) throws -> String {
        daemon.stop()
        try daemon.program.wait()
        return daemon.program.output
    }

    private struct Output: Decodable {
        let stdout: String
    }

    private static func output(_ job: Job) throws -> String {
        try #require(job.result).decode(Output.self).stdout
    }

    @Test func whatHasChangedIsNamedAndCounts() throws {
        try Self.run("queue-length = 1\nrunning-limit = 1") { daemon, client in
            _ = try client.submit("sleep", #"{"seconds":1000}"#)
            _ = try client.submit("echo")
            let full = try client.call("Jobs.Submit", #"{"submission":{"job":"echo"}}"#)
            #expect(full.error == "io.corund.Jobs.QueueFull")
            try daemon.folder.write("queue-length = 2\nrunning-limit = 1\n[groups.a]\nlimit = 1", to: "corund.toml")
            #expect(try Self.reload(client) == ReloadResult(changed: ["queue-length", "groups.a"]))
            _ = try client.submit("echo")
            #expect(try client.statistics().groups.map(\.name) == ["a", "echo", "sleep"])
            #expect(try Self.reload(client) == ReloadResult(changed: []))
        }
    }

    @Test func aWrongConfigurationIsRefusedWithItsPlaceAndTheOldOneStays() throws {
        try Self.run("queue-length = 1\n" + Self.command("say", "one")) { daemon, client in
            try daemon.folder.write("queue-length = 2\nrunning-limt = 1\nretention = 7", to: "corund.toml")
            let reply = try client.call("Service.Reload")
            #expect(reply.error == "io.corund.Service.ConfigurationInvalid")
            let place = #""file":"\#(daemon.folder.file("corund.toml"))","line":2"#
            #expect(reply.text.contains(place), "\(reply.text)")
            #expect(reply.text.contains("running-limt: unknown key; did you mean running-limit? (and 1 more"))
            let id = try client.submit("say")
            #expect(try Self.output(try client.job("Wait", id)) == "one\n")
            try daemon.folder.write("queue-length = 1\n" + Self.command("say", "one"), to: "corund.toml")
            #expect(try Self.reload(client) == ReloadResult(changed: []))
            #expect(try Self.log(of: daemon).contains("corund.toml:3: retention"), "the log has all of it")
        }
    }

    @Test func whatCannotChangeWhileItRunsSaysSoEachTime() throws {
        try Self.run { daemon, client in
            try daemon.folder.write("durability = \"none\"\ncrash-limit = 7\nqueue-length = 9", to: "corund.toml")
            let needs = ["durability", "crash-limit"]
            #expect(try Self.reload(client) == ReloadResult(changed: ["queue-length"], needsRestart: needs))
            #expect(try Self.reload(client) == ReloadResult(changed: [], needsRestart: needs))
        }
    }

    @Test func commandsComeChangeAndGo() throws {
        try Self.run(Self.command("change", "old") + Self.command("go", "gone")) { daemon, client in
            let waiting = try client.submit("change", "{}", #","delay_ms":300"#)
            let left = try client.submit("go", "{}", #","delay_ms":300"#)
            try daemon.folder.write(Self.command("change", "new") + Self.command("come", "here"), to: "corund.toml")
            let changed = ["commands.change", "commands.come", "commands.go"]
            #expect(try Self.reload(client) == ReloadResult(changed: changed))
            #expect(try Self.output(try client.job("Wait", waiting)) == "new\n")
            let attached = try client.call("Jobs.Run", #"{"job":"come"}"#)
            #expect(attached.text.contains(#""stdout":"here\n""#))
            #expect(try client.call("Jobs.Run", #"{"job":"go"}"#).error == "io.corund.Jobs.UnknownJob")
            #expect(try client.hasBecome(.queued, left))
            #expect(try client.job("Get", left).state == .queued)
            try daemon.folder.write(Self.command("go", "back"), to: "corund.toml")
            #expect(try Self.reload(client).changed == changed)
            #expect(try Self.output(try client.job("Wait", left)) == "back\n")
            let warning = "1 job of the kind go waits until there is such a kind again"
            #expect(try Self.log(of: daemon).contains(warning))
        }
    }

    @Test func aCommandThatIsTakenAwayDoesNotStartInTheRoomThatTheSameReloadMakes() throws {
        try Self.run("running-limit = 1\n" + Self.command("go", "gone")) { daemon, client in
            _ = try client.submit("sleep", #"{"seconds":1000}"#)
            let left = try client.submit("go")
            try daemon.folder.write("running-limit = 2", to: "corund.toml")
            #expect(try Self.reload(client).changed == ["running-limit", "commands.go"])
            _ = try client.job("Wait", try client.submit("echo"))  // in that room
            #expect(try client.job("Get", left).state == .queued)
        }
    }

    @Test(.enabled(if: TestDaemon.canBeCalledByNobody)) func rolesFollow() throws {
        try Self.run("[access]\nsubmit-users = [\"65534\"]") { daemon, client in
            #expect(try daemon.callAsNobody("Jobs.Run", #"{"job":"echo"}"#) == #"{"parameters":{"result":{}}}"#)
            try daemon.folder.write("[access]\nobserve-users = [\"65534\"]", to: "corund.toml")
            #expect(try Self.reload(client).changed == ["access.observe-users", "access.submit-users"])
            let refused = try daemon.callAsNobody("Jobs.Run", #"{"job":"echo"}"#)
            #expect(refused.hasPrefix(#"{"error":"org.varlink.service.PermissionDenied""#))
            #expect(try daemon.callAsNobody("Service.Tasks").hasPrefix(#"{"parameters""#))
            try daemon.folder.write("[access]\nobserve-users = [\"nobody-of-that-name\"]", to: "corund.toml")
            #expect(try client.call("Service.Reload").text.contains("nobody-of-that-name"))
            #expect(try daemon.callAsNobody("Service.Tasks").hasPrefix(#"{"parameters""#))
        }
    }

    @Test func theLogLevelAndDebugModeFollow() throws {
        try Self.run("log-level = \"error\"") { daemon, client in
            try daemon.folder.write("log-level = \"notice\"\ndebug = true", to: "corund.toml")
            #expect(try Self.reload(client).changed == ["log-level", "debug"])
            #expect(try client.statistics().debug)
            _ = try client.call("Service.SetDebug", #"{"enabled":false}"#)
            #expect(try Self.reload(client).changed.isEmpty)
            #expect(try client.statistics().debug == false, "what an operator has said counts until the key changes")
            #expect(try Self.log(of: daemon).contains("configuration read: log-level, debug"))
        }
    }

    @Test func theServiceManagerIsToldOfTheBeginningAndTheEnd() throws {
        try Self.run { daemon, client in
            _ = try Self.reload(client)
            let message = try daemon.manager.wait(for: "RELOADING=1")
            let time = try #require(message.split(separator: "\n").first { $0.hasPrefix("MONOTONIC_USEC=") })
            #expect(UInt64(time.drop { $0 != "=" }.dropFirst()) ?? 0 > 0)
            try daemon.manager.wait(for: "READY=1")
            try daemon.folder.write("[", to: "corund.toml")
            #expect(try client.call("Service.Reload").error == "io.corund.Service.ConfigurationInvalid")
            try daemon.manager.wait(for: "RELOADING=1")
            try daemon.manager.wait(for: "READY=1")
        }
    }

    @Test func aHangUpWithoutATerminalIsAReload() throws {
        try Self.run { daemon, client in
            for limit in 1...4 {
                try daemon.folder.write("queue-length = \(limit)", to: "corund.toml")
                daemon.program.signal(SIGHUP)
                try daemon.manager.wait(for: "RELOADING=1")
                try daemon.manager.wait(for: "READY=1")
            }
            #expect(try client.isServed())
            try daemon.folder.write("queue-length = 4\nrunning-limit = 9", to: "corund.toml")
            #expect(try Self.reload(client).changed == ["running-limit"])
        }
    }

    @Test func reloadsAtTheSameTimeComeOneAfterAnother() throws {
        try Self.run { daemon, client in
            try daemon.folder.write("queue-length = 5", to: "corund.toml")
            for _ in 0..<20 { client.start("Service.Reload") }
            let changes = try (0..<20).map { _ in try client.receive().decode(ReloadResult.self).changed }
            #expect(changes.filter { $0 == ["queue-length"] }.count == 1)
            #expect(changes.filter(\.isEmpty).count == 19)
        }
    }

    @Test func theTimesOfTheEndFollow() throws {
        try Self.run("drain-timeout = \"1h\"\ncancel-grace = \"1h\"") { daemon, client in
            try daemon.folder.write("drain-timeout = \"0s\"", to: "corund.toml")
            #expect(try Self.reload(client).changed == ["drain-timeout", "cancel-grace"])
            client.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":1000}}"#)
            try daemon.takeWhatWasSent()
            daemon.stop()
            #expect(try client.receive().error == "io.corund.Jobs.JobInterrupted")
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func aDaemonThatEndsReadsNothing() throws {
        try Self.run { daemon, client in
            let other = try daemon.connect()
            client.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":1000}}"#)
            try daemon.takeWhatWasSent()
            other.start("Service.Drain", #"{"timeout_ms":100000}"#)
            _ = try other.receive()
            #expect(try other.call("Service.Reload").error == "io.corund.Jobs.Draining")
        }
    }

    @Test func aDaemonOfTheLibraryMayFailInItsOwnWay() throws {
        try TestDaemon.runMisbehaving(["DAEMON_RELOAD": "the vault is closed"]) { daemon in
            let reply = try daemon.connect().call("Service.Reload")
            #expect(reply.error == "io.corund.Service.ConfigurationInvalid")
            #expect(reply.text.contains("the vault is closed"))
            #expect(try Self.log(of: daemon).contains("the vault is closed"))
        }
    }

    @Test func aDaemonOfTheLibraryThatCannotReadAgainSaysSo() throws {
        try TestDaemon.runMisbehaving { daemon in
            let reply = try daemon.connect().call("Service.Reload")
            #expect(reply.error == "org.varlink.service.MethodNotImplemented")
        }
    }
}
