import CorundAPI
import CorundRunner
import Foundation
import Logging
import Testing
import Varlink

@testable import CorundLoop
@testable import CorundService

/// Programs as jobs, with real processes in real time.
struct ProgramJobTests {
    /// Runs a script as the command `x`, whose arguments it finds as `$1` and so on.
    private func run(_ script: String, _ keys: String = "", attempt: Int = 1) throws -> (
        job: Execution, end: HandlerEnd
    ) {
        let toml = "[commands.x]\nargv = [\"/bin/sh\", \"-c\", \(TOMLText.string(script))]\n\(keys)"
        return try Self.run("x", .emptyObject, Configuration(toml: toml, file: "c"))
    }

    private static func run(
        _ kind: String, _ arguments: RawJSON, _ configuration: Configuration
    ) throws -> (job: Execution, end: HandlerEnd) {
        let registry = try JobRegistry.stock(configuration, environment: ["PATH": "/usr/bin:/bin", "HOME": "/h"])
        let job = Execution(kind: try #require(registry.kinds[kind]), arguments: arguments)
        let end = try Runner.run { () async -> HandlerEnd in
            do {
                let context = JobContext(execution: job, mail: JobMail(to: try #require(EventLoop.running)))
                return .returned(try await job.kind.run(arguments, context))
            } catch {
                return .threw(error)
            }
        }
        return (job, end)
    }

    /// Hears what the job says.
    private final class Execution: JobExecution, @unchecked Sendable {
        // SAFETY: as its superclass.
        var written: [Event.Output] = []
        let entries = LogEntries()

        init(kind: RegisteredKind, arguments: RawJSON) {
            super.init(
                id: JobID(1), kind: kind, arguments: arguments, context: .shared, group: nil, priority: 0,
                timeoutMilliseconds: nil, machine: JobMachine(isDelayed: false, maxAttempts: 1))
        }

        func written(_ stream: String) -> [UInt8] {
            written.filter { $0.stream == stream }.flatMap { Data(base64Encoded: $0.base64) ?? Data() }
        }

        override var logger: Logger { Logger(label: "test") { [entries] _ in RecordingLogHandler(entries: entries) } }

        override func didWrite(_ output: Event.Output) {
            written.append(output)
        }
    }

    private struct Result: Decodable {
        let exit_status: Int
        let stdout: String
        let stderr: String
        let stdout_dropped: Int?
        let cpu_user_us: Int
        let cpu_system_us: Int
    }

    private func failure(_ end: HandlerEnd) throws -> JobFailure {
        guard case .threw(let error) = end else {
            Issue.record("it did not fail: \(end)")
            throw CancellationError()
        }
        return try #require(error as? JobFailure)
    }

    private func result(_ end: HandlerEnd) throws -> Result {
        guard case .returned(let json) = end else {
            Issue.record("it failed: \(end)")
            throw CancellationError()
        }
        return try json.decode()
    }

    // MARK: The log

    @Test func eachLineThatItWritesIsAnEntryWithItsStream() throws {
        let (job, _) = try run("echo one; sleep 0.05; printf 'two\\n\\nthree' >&2; printf '\\377\\0x\\r\\nlast'")
        let streams = ["stdout", "stderr"].map { stream in
            job.entries.all.filter { $0.metadata["stream"] == stream }.map(\.message)
        }
        #expect(streams == [["one", "\u{FFFD}\0x", "last"], ["two", "three"]])
        #expect(job.entries.all.count == 5)
        #expect(job.entries.all.allSatisfy { $0.level == .info })
        #expect(job.entries.messages.first == "one")
        #expect(job.exitStatus == 0)
    }

    @Test func whatAProgramSaidBeforeItWasStoppedOrFailedIsLogged() throws {
        let (job, end) = try run("printf unfinished; exit 7")
        #expect(try failure(end).status == 7)
        #expect(job.entries.messages == ["unfinished"])
        #expect(job.exitStatus == 7)
    }

    @Test func itsOutputIsLoggedOnlyWhereThatIsWanted() throws {
        let (job, _) = try run("echo one", "journal-output = false")
        #expect(job.entries.all.isEmpty)
        let arguments = try RawJSON(validating: #"{"argv":["echo","one"]}"#)
        #expect(try Self.run("exec", arguments, Configuration()).job.entries.all.isEmpty)
    }

    @Test func aProgramThatWritesWithoutEndIsLoggedSoFar() throws {
        let (job, _) = try run("yes | head -n 20000")
        #expect(job.entries.messages.count { $0 == "y" } == 5000)
        #expect(job.entries.messages.last == "15000 lines of output are left out here; the job's record has more")
    }

    // MARK: What it writes

    @Test func whatItWritesIsToldInOrderAndKept() throws {
        let (job, end) = try run("echo one; echo two >&2; printf '\\377'; exec >&-; echo three >&2")
        guard case .returned(let json) = end else {
            Issue.record("it failed: \(end)")
            return
        }
        #expect(json.description.contains(#""stdout_base64":"b25lCv8=""#))
        #expect(json.description.contains(#""stderr":"two\nthree\n""#))
        #expect(job.written("stdout") == Array("one\n".utf8) + [0xFF])
        #expect(job.written("stderr") == Array("two\nthree\n".utf8))
    }

    @Test func aLongOutputLosesItsMiddleInTheResultAndNothingOnTheWay() throws {
        let script = "head -c 200000 /dev/zero | tr '\\0' a; head -c 200000 /dev/zero | tr '\\0' b"
        let (job, end) = try run(script, "output-limit = 1000")
        let result = try result(end)
        #expect(result.stdout == String(repeating: "a", count: 500) + String(repeating: "b", count: 500))
        #expect(result.stdout_dropped == 399_000)
        #expect(job.written.allSatisfy { $0.base64.utf8.count <= (32 << 10) * 4 / 3 + 4 })
        #expect(job.written("stdout").count == 400_000)
    }

    @Test func aStatusThatMeansFailureIsOneWithTheResult() throws {
        let failure = try failure(run("echo out; echo why >&2; exit 3").end)
        #expect(failure.kind == "Exited" && failure.status == 3 && failure.message == "exited with status 3: why")
        let result = try #require(failure.result).decode(Result.self)
        #expect(result.exit_status == 3 && result.stdout == "out\n" && result.stderr == "why\n")
    }

    @Test func aStatusThatMeansSuccessIsTheResult() throws {
        #expect(try result(run("exit 24", "success-statuses = [0, 24]").end).exit_status == 24)
    }

    @Test func aSignalIsAFailureOfItsOwn() throws {
        let failure = try failure(run("kill -SEGV $$").end)
        #expect(failure.kind == "Signalled" && failure.status == 139 && failure.message == "was ended by SIGSEGV")
    }

    @Test func whatItTookIsInTheResult() throws {
        let result = try result(run("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done").end)
        #expect(result.cpu_user_us > 0)
        #expect(result.cpu_user_us + result.cpu_system_us < 60_000_000)
    }

    @Test func itsArgumentsAreElementsOfTheirOwn() throws {
        let toml = """
            [commands.x]
            argv = ["/usr/bin/printf", "[%s]", "{a}", "b {b} c"]
            arguments = { a = "string", b = "string" }
            """
        let arguments = try RawJSON(validating: #"{"a":"x y; $(id) \"q\" *\n","b":"--x"}"#)
        let (_, end) = try Self.run("x", arguments, Configuration(toml: toml, file: "c"))
        #expect(try result(end).stdout == "[x y; $(id) \"q\" *\n][b --x c]")
    }

    @Test func itsEnvironmentAndDirectoryAreThoseOfTheConfiguration() throws {
        let toml = "[commands.x]\nargv = [\"/usr/bin/env\"]"
        let (_, end) = try Self.run("x", .emptyObject, Configuration(toml: toml, file: "c"))
        #expect(try result(end).stdout == "LANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\n")
        #expect(try result(run("pwd").end).stdout == "/\n")
        #expect(try result(run("pwd", "directory = \"/usr\"").end).stdout == "/usr\n")
    }

    @Test func itReadsTheArgumentThatIsItsInput() throws {
        let toml = "[commands.x]\nargv = [\"/bin/cat\"]\nstdin = \"text\"\narguments = { text = \"string\" }"
        let arguments = try RawJSON(validating: #"{"text":"é\u0000\n"}"#)
        let (_, end) = try Self.run("x", arguments, Configuration(toml: toml, file: "c"))
        #expect(try result(end).stdout == "é\0\n")
        #expect(try result(run("cat").end).stdout == "")
    }

    @Test(arguments: [
        ("/no/such/program", "ProgramNotFound", 127 as Int?), ("/etc", "ProgramNotExecutable", 126),
        ("/etc/passwd", "ProgramNotExecutable", 126),
    ])
    func aProgramThatCannotBeStartedIsAClearFailure(path: String, kind: String, status: Int?) throws {
        let configuration = try Configuration(toml: "[commands.x]\nargv = [\"\(path)\"]", file: "c")
        let failure = try failure(Self.run("x", .emptyObject, configuration).end)
        #expect(failure.kind == kind && failure.status == status)
        #expect(failure.message.hasPrefix("cannot start \(path): "))
    }

    @Test func aDirectoryThatIsNotThereIsAClearFailure() throws {
        let failure = try failure(run(":", "directory = \"/no/such\"").end)
        #expect(failure.kind == "DirectoryNotUsable")
        #expect(failure.message == "cannot start /bin/sh in /no/such: No such file or directory")
    }

    @Test func argumentsThatTheKernelDoesNotTakeAreAClearFailure() throws {
        let toml = "[commands.x]\nargv = [\"/bin/echo\", \"{a}\"]\narguments = { a = \"string\" }"
        let arguments = try RawJSON(validating: "{\"a\":\"\(String(repeating: "x", count: 200_000))\"}")
        let failure = try failure(Self.run("x", arguments, Configuration(toml: toml, file: "c")).end)
        #expect(failure.kind == "ArgumentsTooLong")
    }

    @Test func execRunsWhatItIsTold() throws {
        let arguments = try RawJSON(
            validating:
                #"{"argv":["sh","-c","echo $HOME $A; pwd; cat"],"environment":{"A":"a"},"directory":"/usr","stdin":"in"}"#
        )
        let (_, end) = try Self.run("exec", arguments, Configuration())
        #expect(try result(end).stdout == "/h a\n/usr\nin")
    }

    @Test func whatTheConfigurationSaysOfTheJobsIsWhatTheKindHas() throws {
        let toml = """
            output-limit = 5
            [commands.x]
            argv = ["/bin/true"]
            summary = "s"
            group = "g"
            timeout = "2s"
            max-attempts = 4
            crash-policy = "hold"
            """
        let registry = try JobRegistry.stock(Configuration(toml: toml, file: "c"), environment: [:])
        #expect(registry.kinds.keys.sorted() == ["count", "echo", "exec", "fail", "sleep", "x"])
        let kind = try #require(registry.kinds["x"]).description(isStoreDurable: true)
        #expect(
            kind
                == Kind(
                    name: "x", summary: "s",
                    argumentsSchema: try RawJSON(
                        validating: #"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#),
                    durable: true, group: "g", timeoutMilliseconds: 2000, maxAttempts: 4, crashPolicy: .hold))
    }
}
