import CorundAPI
import Foundation
import Glibc
import TestSupport
import Testing
import Varlink

/// Programs as jobs of the stock daemon.
struct CommandTests {
    /// A command for a script, which finds its argument as `$1`.
    private static func script(_ text: String, _ keys: String = "") -> String {
        """
        [commands.script]
        argv = ["/bin/sh", "-c", '''\(text)''', "script", "{a}"]
        arguments.a = { type = "string", default = "" }
        \(keys)
        """
    }

    /// A program that no polite word ends, and a child of it; it tells their numbers.
    private static let stubborn = script("trap '' TERM; sleep 1000 & echo $$ $!; while :; do sleep 1000; done")

    private struct Result: Decodable {
        let exit_status: Int
        let signal: String?
        let stdout: String
        let stderr: String
    }

    /// What a job has written by the time that it has written a whole line.
    private func firstLine(of id: String, _ client: WireClient) throws -> String {
        client.start("Jobs.Watch", #"{"id":"\#(id)"}"#, flags: #","more":true"#)
        var text = ""
        while !text.contains("\n") {
            let event = try client.receive().decode(EventResult.self).event
            guard let output = event.output else { continue }
            text += String(decoding: try #require(Data(base64Encoded: output.base64)), as: UTF8.self)
        }
        return text
    }

    /// The numbers of processes that a job has told, which live.
    private func processes(of id: String, on daemon: TestDaemon) throws -> [pid_t] {
        let line = try firstLine(of: id, try daemon.connect())
        let processes = line.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(processes.count == 2 && processes.allSatisfy { kill($0, 0) == 0 })
        return processes
    }

    private func descriptors(of daemon: TestDaemon) throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.program.process)/fd").compactMap(Int.init)
            .sorted()
    }

    private func children(of daemon: TestDaemon) throws -> [String] {
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.program.process)/task")
        return try threads.flatMap { thread in
            let path = "/proc/\(daemon.program.process)/task/\(thread)/children"
            return try String(contentsOfFile: path, encoding: .utf8).split(separator: " ").map(String.init)
        }
    }

    // MARK: Submitting

    @Test func aCommandIsAKindOfJob() throws {
        try TestDaemon.run(Self.script("echo got $1; echo err >&2", "summary = \"Tries\"\ncrash-policy = \"hold\"")) {
            daemon in
            let client = try daemon.connect()
            let kinds = try client.call("Jobs.Kinds").decode(KindsResult.self).kinds
            #expect(kinds.map(\.name) == ["count", "echo", "exec", "fail", "script", "sleep"])
            let kind = try #require(kinds.first { $0.name == "script" })
            #expect(kind.summary == "Tries" && kind.group == "script" && kind.crashPolicy == .hold)
            let id = try client.submit("script", #"{"a":"it"}"#)
            let job = try client.job("Wait", id)
            #expect(job.state == .succeeded && job.failure == nil)
            let result = try #require(job.result).decode(Result.self)
            #expect(result.exit_status == 0 && result.stdout == "got it\n" && result.stderr == "err\n")
            let reply = try client.call("Jobs.Run", #"{"job":"script","arguments":{"a":"that"}}"#)
            #expect(try reply.decode(RunResult.self).result?.decode(Result.self).stdout == "got that\n")
        }
    }

    @Test func whatItWritesIsSeenWhileItRuns() throws {
        // It goes on when the test has seen its first line.
        let folder = try TemporaryFolder()
        let script = "echo one; until [ -e \(folder.path)/go ]; do sleep 0.01; done; echo two >&2; exit 3"
        try TestDaemon.run(Self.script(script)) { daemon in
            let client = try daemon.connect()
            let id = try client.submit("script")
            #expect(try firstLine(of: id, client) == "one\n")
            try folder.write("", to: "go")
            var events: [Event] = []
            repeat {
                events.append(try client.receive().decode(EventResult.self).event)
            } while events.last?.state == nil
            #expect(events.map(\.output?.stream) == ["stderr", nil])
            #expect(events.first?.output?.base64 == "dHdvCg==")
            #expect(events.last?.state == .failed)
            let job = try client.job("Get", id)
            #expect(job.failure?.kind == "Exited" && job.failure?.status == 3)
            #expect(try #require(job.result).decode(Result.self).stdout == "one\n")
        }
    }

    @Test func argumentsAreCheckedBeforeAnythingIsRecorded() throws {
        try TestDaemon.run(Self.script("echo")) { daemon in
            let client = try daemon.connect()
            for (arguments, path) in [(#"{"a":1}"#, "a"), (#"{"b":""}"#, "b"), (#"{"a":"-x"}"#, "a"), ("[]", "")] {
                let submission = #"{"submission":{"job":"script","arguments":\#(arguments)}}"#
                for reply in [
                    try client.call("Jobs.Submit", submission),
                    try client.call("Jobs.Run", #"{"job":"script","arguments":\#(arguments)}"#),
                ] {
                    #expect(reply.error == "io.corund.Jobs.InvalidArguments")
                    #expect(reply.text.contains(#""path":"\#(path)""#))
                }
            }
            #expect(try client.call("Jobs.List").decode(ListResult.self).jobs.isEmpty)
        }
    }

    @Test func anAttachedFailureHasTheStatusOfTheProgram() throws {
        try TestDaemon.run(Self.script("echo words >&2; exit $1")) { daemon in
            let reply = try daemon.connect().call("Jobs.Run", #"{"job":"script","arguments":{"a":"7"}}"#)
            #expect(reply.error == "io.corund.Jobs.JobFailed")
            #expect(reply.text.contains(#""kind":"Exited","message":"exited with status 7: words""#))
            #expect(reply.text.contains(#""status":7"#))
        }
    }

    // MARK: Ending

    @Test func aCancelledCommandEndsWithAllOfItsGroup() throws {
        try TestDaemon.run(Self.script("sleep 1000 & echo $$ $!; wait")) { daemon in
            let client = try daemon.connect()
            let id = try client.submit("script")
            let processes = try processes(of: id, on: daemon)
            let reply = try client.call("Jobs.Cancel", #"{"id":"\#(id)"}"#)
            #expect(reply.text == #"{"parameters":{"state":"cancelled","stuck":false}}"#)
            #expect(processes.allSatisfy(isGone))
        }
    }

    @Test func aCommandThatIgnoresTERMIsKilled() throws {
        try TestDaemon.run(Self.stubborn + "kill-grace = \"100ms\"") { daemon in
            let client = try daemon.connect()
            let id = try client.submit("script", "{}", #","timeout_ms":500"#)
            let processes = try processes(of: id, on: daemon)
            #expect(try client.job("Wait", id).state == .timedOut)
            #expect(processes.allSatisfy(isGone))
            #expect(try children(of: daemon).isEmpty)
        }
    }

    @Test func aCommandEndsWithTheCallerWhoWaitsForIt() throws {
        let folder = try TemporaryFolder()
        let script =
            "trap 'echo >\(folder.path)/ended; exit' TERM; echo >\(folder.path)/ready; while :; do sleep 0.01; done"
        try TestDaemon.run(Self.script(script)) { daemon in
            let client = try daemon.connect()
            client.start("Jobs.Run", #"{"job":"script"}"#)
            while access(folder.file("ready"), F_OK) != 0 { sched_yield() }
            client.close()
            #expect(try daemon.waitForJobs("cancelled", 1) == 1)
            #expect(access(folder.file("ended"), F_OK) == 0)
        }
    }

    @Test func theDaemonsEndLeavesNoProgramBehind() throws {
        let configuration = "drain-timeout = \"0s\"\ncancel-grace = \"100ms\"\n" + Self.stubborn + "kill-grace = \"1h\""
        try TestDaemon.run(configuration) { daemon in
            let id = try daemon.connect().submit("script")
            let processes = try processes(of: id, on: daemon)
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))
            #expect(processes.allSatisfy(isGone))
            #expect(daemon.program.output.contains("jobs ended: 0, interrupted: 1, left: 0"))
            #expect(!daemon.program.output.contains("left behind"))
        }
    }

    @Test func aCommandMayEndItselfAtTheDaemonsEnd() throws {
        let folder = try TemporaryFolder()
        let script = "trap 'echo >\(folder.path)/cleaned; exit' TERM; echo $$ $$; while :; do sleep 0.01; done"
        try TestDaemon.run("drain-timeout = \"0s\"\n" + Self.script(script)) { daemon in
            let id = try daemon.connect().submit("script")
            _ = try processes(of: id, on: daemon)
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))
            #expect(access(folder.file("cleaned"), F_OK) == 0)
            #expect(daemon.program.output.contains("jobs ended: 0, interrupted: 1, left: 0"))
        }
    }

    // MARK: Many

    @Test func twoHundredShortCommandsLeaveNothingBehind() throws {
        try TestDaemon.run("running-limit = 20\n" + Self.script("echo $1; exit 0")) { daemon in
            let client = try daemon.connect()
            #expect(try client.job("Wait", try client.submit("script")).state == .succeeded)
            let before = try descriptors(of: daemon)
            // Three for each command that runs, and none to spare for more of them.
            try limitDescriptors(of: daemon, sparing: 3 * 20 + 3)
            let submissions = (0..<200).map { #"{"job":"script","arguments":{"a":"\#($0)"}}"# }.joined(separator: ",")
            let ids = try client.call("Jobs.SubmitMany", "{\"submissions\":[\(submissions)]}").decode(
                SubmitManyResult.self
            ).ids
            for (number, id) in ids.enumerated() {
                let job = try client.job("Wait", id)
                #expect(
                    try job.result?.decode(Result.self).stdout == "\(number)\n", "\(String(describing: job.failure))")
            }
            #expect(try descriptors(of: daemon) == before)
            #expect(try children(of: daemon).isEmpty)
        }
    }

    @Test func withoutDescriptorsACommandFailsAndLeavesNothing() throws {
        try TestDaemon.run(Self.script(":")) { daemon in
            let client = try daemon.connect()
            #expect(try client.job("Wait", try client.submit("script")).state == .succeeded)
            let before = try descriptors(of: daemon)
            for spare in 0..<5 {
                try limitDescriptors(of: daemon, sparing: spare)
                let job = try client.job("Wait", try client.submit("script"))
                #expect(
                    job.failure?.kind == "OutOfResources", "with \(spare) to spare: \(String(describing: job.failure))")
                #expect(try descriptors(of: daemon) == before)
            }
            try limitDescriptors(of: daemon, sparing: 50)
            #expect(try client.job("Wait", try client.submit("script")).state == .succeeded)
            #expect(try children(of: daemon).isEmpty)
        }
    }

    /// Lets the daemon open so many more.
    private func limitDescriptors(of daemon: TestDaemon, sparing spare: Int) throws {
        let open = Set(try descriptors(of: daemon))
        let limit = (0...).lazy.filter { !open.contains($0) }.prefix(spare + 1).reduce(0) { $1 }
        #expect(try tool("/usr/bin/prlimit", "--pid", "\(daemon.program.process)", "--nofile=\(limit):") == "")
    }

    // MARK: exec

    @Test func execRunsAProgramOfTheDaemonsUser() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let id = try client.submit(
                "exec", #"{"argv":["sh","-c","pwd; cat; exit 4"],"directory":"/usr","stdin":"in"}"#)
            let job = try client.job("Wait", id)
            #expect(job.state == .failed && job.failure?.status == 4)
            #expect(try #require(job.result).decode(Result.self).stdout == "/usr\nin")
            let missing = try client.call("Jobs.Run", #"{"job":"exec","arguments":{"argv":["no-such-program"]}}"#)
            #expect(missing.text.contains(#""kind":"ProgramNotFound""#))
        }
    }

    @Test func whatTheDaemonSetsForItselfIsNotInTheEnvironmentOfExec() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let reply = try client.call("Jobs.Run", #"{"job":"exec","arguments":{"argv":["env"]}}"#)
            #expect(reply.text.contains("XDG_STATE_HOME="))
            #expect(!reply.text.contains("LIBDISPATCH"), "\(reply.text)")
        }
    }

    @Test(.enabled(if: TestDaemon.canBeCalledByNobody)) func execIsRefusedToEverybodyElse() throws {
        let configuration = Self.script("id -u") + "\n[access]\nsubmit-users = [\"65534\"]\n"
        try TestDaemon.run(configuration) { daemon in
            let exec = try daemon.callAsNobody("Jobs.Run", #"{"job":"exec","arguments":{"argv":["true"]}}"#)
            #expect(exec.hasPrefix(#"{"error":"org.varlink.service.PermissionDenied","parameters":{"#))
            let script = try daemon.callAsNobody("Jobs.Run", #"{"job":"script"}"#)
            #expect(script.hasPrefix(#"{"parameters":{"result":{"exit_status":0,"#))
        }
    }
}
