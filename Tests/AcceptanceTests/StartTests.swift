import Foundation
import Glibc
import TestSupport
import Testing

struct StartTests {
    private struct Outcome {
        let end: ProcessEnd
        let output: String
    }

    /// Runs `corund` to its end.
    private static func corund(
        _ arguments: [String], folder: TemporaryFolder, environment: [String: String] = [:]
    ) throws -> Outcome {
        let home = [
            "XDG_RUNTIME_DIR": folder.path, "XDG_CONFIG_HOME": folder.path, "CONFIGURATION_DIRECTORY": folder.path,
        ]
        let program = try Program(.corund, arguments, environment: home.merging(environment) { $1 }, folder: folder)
        return Outcome(end: try program.wait(), output: program.output)
    }

    // MARK: The socket

    @Test func aSocketPathThatIsTooLongIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file(String(repeating: "x", count: 100))
        let outcome = try Self.corund(["--socket", path], folder: folder)
        #expect(outcome.end == .exited(69))
        #expect(
            outcome.output
                == "corund: the socket path \(path) is \(path.utf8.count) bytes long; Linux allows 107. Choose a shorter one\n"
        )
    }

    @Test func aStateFolderInUseIsRefusedAndItsOwnerServesOn() throws {
        try TestDaemon.run { daemon in
            let outcome = try Self.corund(["--socket", daemon.folder.file("other")], folder: daemon.folder)
            #expect(outcome.end == .exited(69))
            #expect(outcome.output.contains("/state/corund is in use by a running daemon. Stop that one"))
            #expect(try daemon.connect().isServed())
        }
    }

    @Test func aSocketInUseIsRefusedAndItsOwnerServesOn() throws {
        try TestDaemon.run { daemon in
            let outcome = try Self.corund(["--socket", daemon.socket], folder: TemporaryFolder())
            #expect(outcome.end == .exited(69))
            #expect(outcome.output.contains("the socket \(daemon.socket) is in use by a running daemon"))
            #expect(try daemon.connect().isServed())
        }
    }

    @Test func theSocketOfADeadDaemonIsReplaced() throws {
        let folder = try TemporaryFolder()
        let manager = try NotifyListener(folder: folder)
        for _ in 0..<3 {
            let program = try Program(
                .corund, ["--socket", folder.file("s")], environment: ["NOTIFY_SOCKET": manager.path], folder: folder)
            try manager.wait(for: "READY=1")
            #expect(try WireClient(path: folder.file("s")).isServed())
            program.signal(SIGKILL)
            #expect(try program.wait() == .signalled(SIGKILL))
            #expect(FileManager.default.fileExists(atPath: folder.file("s")))
        }
    }

    @Test func aDaemonWhoseStandardDescriptorsAreClosedWritesToNoFileOfItsOwnInstead() throws {
        let launcher = { (_: TemporaryFolder) in ["/bin/sh", "-c", #"exec "$@" <&- >&- 2>&-"#, "sh"] }
        try TestDaemon.run("log-level = \"debug\"", launcher: launcher) { daemon in
            for descriptor in 0...2 {
                let file = "/proc/\(daemon.program.process)/fd/\(descriptor)"
                #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file) == "/dev/null")
            }
            let client = try daemon.connect()
            let id = try client.submit("exec", #"{"argv":["sh","-c","cat; echo out; echo err >&2"],"directory":"/"}"#)
            let wait = try client.call("Jobs.Wait", #"{"id":"\#(id)"}"#)
            #expect(wait.text.contains(#""stdout":"out\n","stderr":"err\n""#))
        }
    }

    @Test(arguments: 8...24)
    func aDaemonThatMayOpenTooFewDescriptorsSaysSo(limit: Int) throws {
        let folder = try TemporaryFolder()
        let program = try Program(
            .corund, ["--socket", folder.file("s")], environment: [:], folder: folder, blocking: [SIGTERM],
            launcher: ["prlimit", "--nofile=\(limit):\(limit)"])
        program.signal(SIGTERM)  // heard by one for which they are enough
        let end = try program.wait()
        guard end != .exited(0) else { return }
        #expect(end == .exited(69) || end == .exited(70))
        #expect(program.output.contains(/corund: .*(Too many open files|cannot be opened)/), "\(program.output)")
    }

    @Test(.enabled(if: TestDaemon.canBeRunByNobody))
    func aDaemonThatMayHaveNoThreadsSaysSo() throws {
        let launcher = TestDaemon.asNobody + ["prlimit", "--nproc=1:1"]
        let folder = try TemporaryFolder()
        let program = try Program(
            .corund, ["--socket", folder.file("s")], environment: [:], folder: folder, launcher: launcher)
        #expect(try program.wait() == .exited(70))
        #expect(program.output == "corund: pthread_create: Resource temporarily unavailable\n")
    }

    @Test func aFileInPlaceOfTheStateFolderIsSaidToBeOne() throws {
        let folder = try TemporaryFolder()
        try folder.write("precious", to: "file")
        let outcome = try Self.corund(["--state-dir", folder.file("file")], folder: folder)
        #expect(outcome.end == .exited(69))
        #expect(outcome.output.contains("the state folder \(folder.file("file")) cannot be written: Not a directory"))
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        try folder.write("precious", to: "s")
        let outcome = try Self.corund(["--socket", folder.file("s")], folder: folder)
        #expect(outcome.end == .exited(69))
        #expect(outcome.output.contains("exists and is not a socket"))
        #expect(try String(contentsOfFile: folder.file("s"), encoding: .utf8) == "precious")
    }

    /// In /proc nobody can make anything, root included.
    @Test(arguments: [
        ["--socket", "/proc/corund.sock"], ["--socket", "/nowhere/corund.sock"], ["--state-dir", "/proc/corund"],
    ])
    func aFolderThatCannotBeWrittenIsRefused(arguments: [String]) throws {
        let outcome = try Self.corund(arguments, folder: try TemporaryFolder())
        #expect(outcome.end == .exited(69))
        #expect(outcome.output.contains(try #require(arguments.last)))
    }

    @Test func theSocketIsForItsOwnerAndGroup() throws {
        try TestDaemon.run { daemon in
            var status = stat()
            #expect(stat(daemon.socket, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
        }
    }

    @Test func withoutAnyFlagAUsersFolderIsMade() throws {
        let folder = try TemporaryFolder()
        let manager = try NotifyListener(folder: folder)
        let program = try Program(
            .corund, [],
            environment: [
                "NOTIFY_SOCKET": manager.path, "XDG_RUNTIME_DIR": folder.path, "CONFIGURATION_DIRECTORY": folder.path,
            ],
            folder: folder)
        try manager.wait(for: "READY=1")
        #expect(try WireClient(path: folder.file("corund/corund.sock")).isServed())
        program.signal(SIGTERM)
        #expect(try program.wait() == .exited(0))
    }

    // MARK: The configuration

    @Test(arguments: [
        ("debug = true\ndrain-timout = \"10s\"\n", "corund.toml:2: drain-timout: unknown key"),
        ("\n\nqueue-length = \"many\"\n", "corund.toml:3: queue-length:"),
        ("queue-length = 0\n", "corund.toml:1: queue-length:"),
        ("debug = \n", "corund.toml:1:"),
    ])
    func aWrongConfigurationIsRefusedWithItsPlace(toml: String, message: String) throws {
        for flags in [[], ["--check-config"], ["--print-config"]] {
            let folder = try TemporaryFolder()
            try folder.write(toml, to: "corund.toml")
            let outcome = try Self.corund(["--config", folder.file("corund.toml")] + flags, folder: folder)
            #expect(outcome.end == .exited(78))
            #expect(outcome.output.hasPrefix("corund: \(folder.path)/\(message)"), "\(outcome.output)")
        }
    }

    @Test func aConfigurationThatIsAskedForMustBeThere() throws {
        let folder = try TemporaryFolder()
        let outcome = try Self.corund(["--config", folder.file("absent.toml")], folder: folder)
        #expect(outcome.end == .exited(78))
        #expect(outcome.output.contains("absent.toml"))
    }

    @Test func aRightConfigurationIsChecked() throws {
        let folder = try TemporaryFolder()
        try folder.write("queue-length = 5\n", to: "corund.toml")
        let outcome = try Self.corund(["--config", folder.file("corund.toml"), "--check-config"], folder: folder)
        #expect(outcome.end == .exited(0))
        #expect(outcome.output == "")
    }

    @Test func aCheckWithoutAFileSaysThatThereIsNone() throws {
        let folder = try TemporaryFolder()
        let nothing = try Self.corund(["--check-config"], folder: folder)
        #expect(nothing.end == .exited(0))
        let file = folder.file("corund.toml")
        #expect(nothing.output == "corund: there is no \(file); the defaults hold for all that no drop-in sets\n")
        try folder.write("running-limit = 1", to: "corund.toml")
        let something = try Self.corund(["--check-config"], folder: folder)
        #expect(something.end == .exited(0))
        #expect(something.output.isEmpty)
    }

    @Test(arguments: ["/dev/full", "/dev/null"])
    func aConfigurationThatCannotBePrintedIsAFailure(file: String) throws {
        let process = try startProcess(
            ["\(programsFolder)/corund", "--config", "/dev/null", "--print-config"],
            redirect: { posix_spawn_file_actions_addopen(&$0, STDOUT_FILENO, file, O_WRONLY, 0) })
        #expect(ProcessEnd(of: process) == .exited(file == "/dev/full" ? 74 : 0))
    }

    @Test(arguments: ["--config", "--socket", "--state-dir"])
    func anEmptyPathIsAWrongFlag(flag: String) throws {
        let outcome = try Self.corund([flag, "", "--check-config"], folder: TemporaryFolder())
        #expect(outcome.end == .exited(64))
        #expect(outcome.output.contains("\(flag) is empty"))
    }

    @Test func theConfigurationInForceIsPrintedFlagsIncluded() throws {
        let folder = try TemporaryFolder()
        try folder.write("queue-length = 5\n", to: "corund.toml")
        let outcome = try Self.corund(["--print-config", "--socket", "/tmp/x.sock", "--debug"], folder: folder)
        #expect(outcome.end == .exited(0))
        for line in ["queue-length = 5", "debug = true", #"socket = "/tmp/x.sock""#, #"drain-timeout = "10s""#] {
            #expect(outcome.output.split(separator: "\n").contains(Substring(line)))
        }
    }

    @Test func theVersionIsPrinted() throws {
        let outcome = try Self.corund(["--version"], folder: try TemporaryFolder())
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: [["--nonsense"], ["--socket"], ["argument"]])
    func aWrongFlagIsAnErrorOfUsage(arguments: [String]) throws {
        #expect(try Self.corund(arguments, folder: try TemporaryFolder()).end == .exited(64))
    }
}
