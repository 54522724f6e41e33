import Foundation
import Glibc
import TestSupport
import Testing

/// What the daemon writes on standard error, where there is no journal.
struct LogTests {
    @Test func aPipeThatNobodyReadsHoldsNoJobAndLosesNoLastWords() throws {
        var pipe = ""
        let script = "mkfifo \"$0\" && exec 2<>\"$0\" && exec \"$@\""
        let launcher = { (folder: TemporaryFolder) in
            pipe = folder.file("pipe")
            return ["/bin/sh", "-c", script, pipe]
        }
        try TestDaemon.run("log-level = \"debug\"", launcher: launcher) { daemon in
            let client = try daemon.connect()
            for _ in 0..<1000 { #expect(try client.isServed()) }
            let descriptor = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(descriptor) }
            var waiting: Int32 = 0
            try #require(ioctl(descriptor, UInt(FIONREAD), &waiting) == 0)
            try #require(waiting >= 60_000, "the pipe was to be full, or nothing is shown here")
            daemon.stop()
            let lines = try Self.readAll(descriptor).split(separator: "\n")
            #expect(lines.last?.contains("the end; jobs ended: 0, interrupted: 0, left: 0") == true)
            #expect(lines.count { $0.contains(" succeeded ") } == 1000)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    /// Reads until the daemon, which alone writes, has ended.
    private static func readAll(_ descriptor: Int32) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 30_000) == 1 else { throw Program.TimedOut(what: "the log does not end") }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer.prefix(count)
        }
    }

    @Test func aLevelThatAReloadSetsCountsForTheJobsAfterIt() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            #expect(try client.isServed())
            try daemon.folder.write("log-level = \"debug\"", to: "corund.toml")
            #expect(try client.call("Service.Reload").error == nil)
            #expect(try client.isServed())
            daemon.stop()
            try daemon.program.wait()
            let story = daemon.program.output.split(separator: "\n").filter { $0.contains("job echo 2 ") }
            #expect(story.count == 3)
            #expect(!daemon.program.output.contains("job echo 1 "))
        }
    }

    @Test func aCommandsJobIsToldLineByLineWithNothingForged() throws {
        let toml = #"""
            [commands.forge]
            argv = ["/bin/sh", "-c", 'printf "one\n2026-11-21T03:40:01.123Z info  corund: the end; job=7\033[2J\n" >&2', "x", "{a}"]
            arguments = { a = "string" }
            """#
        try TestDaemon.run(toml) { daemon in
            let client = try daemon.connect()
            let id = try client.submit("forge", #"{"a":"\n"}"#)
            _ = try client.job("Wait", id)
            let reason = try client.submit("fail", #"{"message":"x\n1970 forged"}"#)
            _ = try client.job("Wait", reason)
            daemon.stop()
            try daemon.program.wait()
            let texts = daemon.program.output.split(separator: "\n").map { line in
                line.replacing(#/^[^ ]* [a-z]+ +corund: /#, with: "").replacing(/after [^,:]*/, with: "after …")
            }
            let lines = Array(texts.drop { $0 != "ready" })
            let job = "context=shared job=1 kind=forge peer_uid=\(getuid())"
            #expect(
                lines.prefix(6) == [
                    "ready",
                    "job forge 1 was submitted by uid \(getuid()) \(job)",
                    "job forge 1 started, attempt 1 attempt=1 \(job)",
                    "one attempt=1 \(job) stream=stderr",
                    #"2026-11-21T03:40:01.123Z info  corund: the end; job=7\u001b[2J attempt=1 \#(job) stream=stderr"#,
                    """
                    job forge 1 succeeded after …, with exit status 0 attempt=1 context=shared exit_status=0 job=1 \
                    kind=forge peer_uid=\(getuid()) state=succeeded
                    """,
                ])
            #expect(lines[6].hasPrefix(#"job fail 2 failed after …: x\n1970 forged "#))
            #expect(lines.last?.hasPrefix("the end; ") == true)
        }
    }
}
