import CLinux
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CorundLoop

struct ProgramRunTests {
    /// What a shell script writes, and how it ends.
    private struct Told: Equatable {
        var output = ""
        var error = ""
        var pieces: [String] = []
    }

    private final class Transcript: @unchecked Sendable {
        // SAFETY: confined to the test's loop.
        var told = Told()

        func append(_ stream: StandardStream, _ bytes: [UInt8]) {
            let text = String(decoding: bytes, as: UTF8.self)
            told.pieces.append("\(stream.rawValue): \(text)")
            switch stream {
            case .output: told.output += text
            case .error: told.error += text
            }
        }
    }

    private static func script(_ text: String, input: String? = nil) -> Program {
        Program(
            path: "/bin/sh", arguments: ["sh", "-c", text], environment: ["PATH": "/usr/bin:/bin"],
            input: input.map { Array($0.utf8) })
    }

    /// Runs a program on a loop of its own; no process and no descriptor may be left.
    @discardableResult
    private func run(_ program: Program, grace: Duration = .seconds(20)) throws -> (end: ProgramEnd, told: Told) {
        let transcript = Transcript()
        var end: ProgramEnd?
        try withLoop { loop in
            end = try loop.complete {
                try await loop.run(program, grace: grace) { transcript.append($0, $1) }
            }
            #expect(loop.programs.isEmpty)
        }
        return (try #require(end), transcript.told)
    }

    /// setfsuid(2), which Swift's module of the C library lacks: as whom the calling thread alone opens files.
    ///
    /// - Returns: as whom it did before.
    private func setFileSystemUser(_ user: uid_t) throws -> uid_t {
        let function = try #require(dlsym(nil, "setfsuid"))
        let set = unsafeBitCast(function, to: (@convention(c) (uid_t) -> CInt).self)
        return uid_t(bitPattern: set(user))
    }

    /// Runs a script until it has written `sign`, cancels its task, and gives what it has written in all.
    private func cancel(_ script: String, after sign: String, grace: Duration = .seconds(20)) throws -> Told {
        let transcript = Transcript()
        try withLoop { loop in
            let stop = Canceller()
            let task = try loop.spawn {
                try await loop.run(Self.script(script), grace: grace) {
                    transcript.append($0, $1)
                    if transcript.told.output.contains(sign) { stop.cancel() }
                }
            }
            stop.cancel = { task.cancel() }
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
        }
        return transcript.told
    }

    private final class Canceller: @unchecked Sendable {
        // SAFETY: confined to the test's loop.
        var cancel: () -> Void = {}
    }

    // MARK: What it is given

    @Test func bothStreamsAreToldApartAndInOrder() throws {
        let (end, told) = try run(Self.script("echo a; echo b >&2; echo c"))
        #expect(end.status == .exited(0))
        #expect(told.output == "a\nc\n" && told.error == "b\n")
    }

    @Test func theEnvironmentIsAllThatIsGiven() throws {
        var program = Program(path: "/usr/bin/env", arguments: ["env"])
        #expect(try run(program).told.output == "")
        program.environment = ["A": "1", "B": "x y=z"]
        #expect(try run(program).told.output == "A=1\nB=x y=z\n")
    }

    @Test func itFindsItselfInItsDirectory() throws {
        var program = Self.script("pwd")
        program.directory = "/usr"
        #expect(try run(program).told.output == "/usr\n")
    }

    @Test func itReadsItsInputToTheEnd() throws {
        #expect(try run(Self.script("cat", input: "one\ntwo")).told.output == "one\ntwo")
        #expect(try run(Self.script("cat")).told.output == "")
        let long = String(repeating: "0123456789", count: 100_000)
        #expect(try run(Self.script("wc -c", input: long)).told.output == "1000000\n")
    }

    @Test func noArgumentIsReadByAShell() throws {
        let program = Program(path: "/bin/echo", arguments: ["echo", "a  b", "$HOME", "`id`", "*", ";ls", ""])
        #expect(try run(program).told.output == "a  b $HOME `id` * ;ls \n")
    }

    /// Whoever starts us may have blocked or ignored signals, and so may this process.
    @Test func signalsAreAtTheirDefaultsAndUnblocked() throws {
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        let usual = signal(SIGPIPE, SIG_IGN)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer {
            pthread_sigmask(SIG_SETMASK, &before, nil)
            signal(SIGPIPE, usual)
        }
        let told = try run(Self.script("grep -E '^Sig(Blk|Ign)' /proc/self/status")).told
        // Two signals that are the C library's own begin as it likes.
        let theirs: UInt64 = 3 << 31
        let masks = told.output.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
        #expect(masks.map { $0 & ~theirs } == [0, 0])
    }

    @Test func itHasNoDescriptorsButTheStandardOnes() throws {
        let leaked = dup(0)  // not closed on exec
        defer { close(leaked) }
        // The fourth is the one with which ls reads the directory.
        let program = Program(path: "/bin/ls", arguments: ["ls", "/proc/self/fd"])
        #expect(try run(program).told.output == "0\n1\n2\n3\n")
    }

    @Test func itLeadsAGroupOfItsOwn() throws {
        let told = try run(Self.script("cut -d' ' -f1,5 /proc/$$/stat")).told
        let numbers = told.output.split(whereSeparator: \.isWhitespace)
        #expect(numbers.count == 2 && numbers[0] == numbers[1])
    }

    // MARK: How it ends

    @Test(arguments: [
        ("exit 0", ChildStatus.exited(0)), ("exit 200", .exited(200)), ("kill -9 $$", .signalled(SIGKILL)),
        ("kill -PIPE $$", .signalled(SIGPIPE)),
    ])
    func itsEndIsTold(script: String, status: ChildStatus) throws {
        #expect(try run(Self.script(script)).end.status == status)
    }

    @Test func whatItTookIsTold() throws {
        let usage = try run(Self.script("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")).end.usage
        #expect(usage.userTime > .milliseconds(1) && usage.userTime < .seconds(60))
        #expect(usage.systemTime >= .zero)
    }

    @Test func itsMemoryIsToldWhenThatIsMoreThanOurOwn() throws {
        #expect(try run(Self.script(":")).end.usage.peakMemory == nil, "smaller than the process of the tests")
        // tail keeps a line until it ends.
        let size = Int(corund_peak_memory()) + 200_000_000
        let usage = try run(Self.script("head -c \(size) /dev/zero | tail -n 1 >/dev/null")).end.usage
        #expect(try #require(usage.peakMemory) >= size)
    }

    @Test func allOfALongOutputIsRead() throws {
        let transcript = try run(Self.script("head -c 5000000 /dev/zero | tr '\\0' x; echo end >&2")).told
        #expect(transcript.output.utf8.count == 5_000_000 && transcript.error == "end\n")
        #expect(transcript.pieces.allSatisfy { $0.utf8.count <= (32 << 10) + 10 })
    }

    @Test func aProgramThatClosesItsOutputRunsOn() throws {
        let (end, told) = try run(Self.script("echo a; exec >&- 2>&-; sleep 0.1; exit 4"))
        #expect(end.status == .exited(4) && told.output == "a\n")
    }

    @Test(arguments: [
        ("/no/such/program", Errno.noSuchFileOrDirectory), ("/", .permissionDenied), ("/etc/passwd", .permissionDenied),
    ])
    func whatCannotBeStartedIsRefused(path: String, errno: Errno) throws {
        try withLoop { loop in
            #expect(throws: SystemCallError("posix_spawn", errno: errno, subject: path)) {
                try loop.complete {
                    try await loop.run(Program(path: path, arguments: [path]), grace: .zero) { _, _ in }
                }
            }
        }
    }

    @Test func aDirectoryThatIsNotThereIsToldApart() throws {
        var program = Self.script(":")
        program.directory = "/no/such/directory"
        #expect(throws: SystemCallError("open", errno: .noSuchFileOrDirectory, subject: "/no/such/directory")) {
            try run(program)
        }
    }

    @Test func aDirectoryThatMayNotBeEnteredIsToldApart() throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0)
        // Root may enter everywhere. This thread alone is somebody else for a while; seteuid would change them all.
        let usual = try setFileSystemUser(geteuid() == 0 ? 65_534 : geteuid())
        defer {
            _ = try? setFileSystemUser(usual)
            chmod(folder.path, 0o700)
        }
        var program = Self.script(":")
        program.directory = folder.path
        #expect(throws: SystemCallError("open", errno: .permissionDenied, subject: folder.path)) { try run(program) }
    }

    @Test func argumentsThatAreTooLongAreRefused() throws {
        let long = String(repeating: "x", count: 1 << 20)
        #expect(throws: SystemCallError("posix_spawn", errno: .argListTooLong, subject: "/bin/echo")) {
            try run(Program(path: "/bin/echo", arguments: ["echo", long]))
        }
    }

    @Test func aNULDoesNotCutAnArgumentShort() throws {
        #expect(throws: SystemCallError("posix_spawn", errno: .invalidArgument, subject: "/bin/echo")) {
            try run(Program(path: "/bin/echo", arguments: ["echo", "a\0b"]))
        }
    }

    // MARK: Others of its group

    @Test func whoIsLeftBehindInSilenceIsEndedWithIt() throws {
        let told = try run(Self.script("sleep 1000 >/dev/null 2>&1 & echo $!")).told
        #expect(isGone(try #require(pid_t(told.output.dropLast()))))
    }

    @Test func whoStillWritesMayFinish() throws {
        let (end, told) = try run(Self.script("(sleep 0.2; echo late) & echo early; exit 3"))
        #expect(end.status == .exited(3) && told.output == "early\nlate\n")
    }

    @Test func whoHoldsTheOutputForEverIsEndedAfterTheGrace() throws {
        let told = try run(Self.script("sleep 1000 & echo $!"), grace: .milliseconds(100)).told
        #expect(isGone(try #require(pid_t(told.output.dropLast()))))
    }

    @Test func whoHasLeftTheGroupHoldsTheOutputInVain() throws {
        let (end, told) = try run(Self.script("setsid sleep 1000 & echo $!"))
        #expect(end.status == .exited(0))
        let left = try #require(pid_t(told.output.dropLast()))
        #expect(kill(left, SIGKILL) == 0, "it is not ours to end")
    }

    // MARK: Cancellation

    @Test func aCancelledProgramIsAskedToEndAndMayCleanUp() throws {
        let told = try cancel(
            "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.01; done", after: "ready")
        #expect(told.output == "ready\ncleaned\n")
    }

    @Test func allOfTheGroupIsAskedToEnd() throws {
        let script = "sh -c 'trap \"echo child; exit\" TERM; echo ready; while :; do sleep 0.01; done' & wait"
        #expect(try cancel(script, after: "ready").output == "ready\nchild\n")
    }

    @Test func aGroupThatIgnoresTERMIsKilled() throws {
        let script = "trap '' TERM; sleep 1000 & echo $! $$; while :; do sleep 1000; done"
        let told = try cancel(script, after: "\n", grace: .milliseconds(100))
        let processes = told.output.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(processes.count == 2 && processes.allSatisfy(isGone))
    }

    @Test func aStoppedProgramIsWokenToEnd() throws {
        let told = try cancel("trap 'echo woken; exit' TERM; echo ready; kill -STOP $$", after: "ready")
        #expect(told.output == "ready\nwoken\n")
    }

    @Test func aProgramThatHasLeftItsGroupIsAskedToEndAllTheSame() throws {
        let leave = "$| = 1; setpgrp(0, getpgrp(getppid())) or die; print \"ready\"; sleep"
        let told = try cancel("exec perl -e '$SIG{TERM} = sub { print \" asked\"; exit }; \(leave)'", after: "ready")
        #expect(told.output == "ready asked" && told.error == "")
    }

    @Test func thoseWhoOutliveTheProgramKeepTheirGrace() throws {
        // The shell dies of TERM at once; its child, which holds nothing of ours, takes a little longer.
        let folder = try TemporaryFolder()
        let script =
            "sh -c 'trap \"sleep 0.2; echo done >\(folder.file("file")); exit\" TERM; echo $$; exec >&- 2>&-; "
            + "while :; do sleep 0.01; done' & wait"
        _ = try cancel(script, after: "\n", grace: .seconds(5))
        #expect(access(folder.file("file"), F_OK) == 0)
    }

    @Test func aTaskThatWasCancelledBeforeStartsNothing() throws {
        try withLoop { loop in
            let task = try loop.spawn {
                try await loop.run(Self.script("kill -9 \(getpid())"), grace: .zero) { _, _ in }
            }
            task.cancel()
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
        }
    }

    @Test func aCancellationAfterTheProgramsEndComesTooLate() throws {
        try withLoop { loop in
            let transcript = Transcript()
            let task = try loop.spawn {
                try await loop.run(Self.script("(sleep 1000 & echo $!) ; exit 6"), grace: .seconds(20)) {
                    transcript.append($0, $1)
                }
            }
            // Until the program was reaped, and its child is left with the pipe.
            while loop.programs.isEmpty || loop.watches.count > 2 { try loop.turn() }
            task.cancel()
            #expect(try loop.complete { try await task.value }.status == .exited(6))
        }
    }

    private static let stubborn = script("trap '' TERM; sleep 1000 & echo $! $$; wait; wait")

    @Test func whatIsKilledHasNoGrace() throws {
        let transcript = Transcript()
        try withLoop { loop in
            let task = try loop.spawn {
                try await loop.run(Self.stubborn, grace: .seconds(1000)) {
                    transcript.append($0, $1)
                    if transcript.told.output.contains("\n") { loop.killPrograms() }
                }
            }
            #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
        }
        let processes = transcript.told.output.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(processes.count == 2 && processes.allSatisfy(isGone))
    }

    @Test func theCloseOfTheLoopEndsWhatRuns() throws {
        let transcript = Transcript()
        let loop = try EventLoop()
        try loop.spawn {
            _ = try await loop.run(Self.stubborn, grace: .seconds(1000)) { transcript.append($0, $1) }
        }
        while !transcript.told.output.contains("\n") { try loop.turn() }
        try loop.close()
        let processes = transcript.told.output.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(processes.count == 2 && processes.allSatisfy(isGone))
        #expect(waitpid(processes[1], nil, WNOHANG) == -1, "it was not reaped")
        #expect(loop.programs.isEmpty)
    }

    // MARK: Many

    @Test func oneIsStartedInATick() throws {
        try withLoop { loop in
            let tasks = try (0..<5).map { _ in
                try loop.spawn { try await loop.run(Self.script("exec sleep 1000"), grace: .zero) { _, _ in } }
            }
            for count in 1...5 {
                try loop.turn()
                #expect(loop.programs.count == count)
            }
            for task in tasks { task.cancel() }
            for task in tasks {
                #expect(throws: CancellationError.self) { try loop.complete { try await task.value } }
            }
        }
    }

    /// In a process of its own, in which nobody else opens descriptors.
    @Test func twoHundredAtOnceAreToldApartAndLeaveNothing() async {
        await #expect(processExitsWith: .success) {
            let before = try programDescriptorCount()
            try withLoop { loop in
                let tasks = try (0..<200).map { number in
                    let transcript = Transcript()
                    return try loop.spawn {
                        let end = try await loop.run(Self.script("echo \(number); exit \(number)"), grace: .zero) {
                            transcript.append($0, $1)
                        }
                        return (end.status, transcript.told.output)
                    }
                }
                let ends = try loop.complete {
                    var ends: [(ChildStatus, String)] = []
                    for task in tasks { ends.append(try await task.value) }
                    return ends
                }
                for (number, end) in ends.enumerated() {
                    #expect(end == (.exited(CInt(number)), "\(number)\n"))
                }
            }
            let after = try programDescriptorCount()
            #expect(after == before, "a descriptor is left open")
        }
    }
}
