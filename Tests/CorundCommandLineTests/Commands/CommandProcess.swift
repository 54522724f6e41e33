import Foundation
import Glibc
import TestSupport

/// `corund-ctl` as a process, its output in files.
final class CommandProcess: @unchecked Sendable {
    // SAFETY: nothing changes after init; the folder's files are the child's until it has ended.

    struct Outcome: Equatable {
        /// The exit status; 128 and its number for a signal, as a shell has it.
        let status: Int32
        let output: String
        let errors: String
    }

    private let process: pid_t
    private let folder: TemporaryFolder

    /// Starts the command.
    ///
    /// - Parameters:
    ///   - arguments: after the command's name.
    ///   - environment: all of it.
    ///   - shell: a script that is run instead, with the command as `$0` and the arguments as `$@`.
    ///   - input: what is on standard input.
    ///   - terminal: the path of a terminal that takes the output and the errors.
    /// - Throws: what keeps it from being started.
    init(
        _ arguments: [String], environment: [String: String] = [:], shell: String? = nil, input: String = "",
        terminal: String? = nil
    ) throws {
        folder = try TemporaryFolder()
        try folder.write(input, to: "in")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, folder.file("in"), O_RDONLY, 0)
        for (descriptor, name) in [(1, "out"), (2, "err")] as [(CInt, String)] {
            try folder.write("", to: name)
            let path = terminal ?? folder.file(name)
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_NOCTTY, 0)
        }
        let command = shell.map { ["/bin/sh", "-c", $0, Self.path] } ?? [Self.path]
        let environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
        process = try Self.spawn(command + arguments, environment.map { "\($0)=\($1)" }, &actions)
    }

    /// Beside the program that runs the tests.
    private static let path: String = {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("corund-ctl").path
    }()

    /// Signals have their default actions, and none is blocked: the threads that tests run on block most of them.
    private static func spawn(
        _ words: [String], _ environment: [String], _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGPIPE, SIGINT] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let program = words[0]
        let (words, variables) = (words.map { strdup($0) } + [nil], environment.map { strdup($0) } + [nil])
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, program, &actions, &attributes, words, variables)
        guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
        return process
    }

    func send(_ signal: Int32) {
        kill(process, signal)
    }

    /// Waits for its end.
    func end() async throws -> Outcome {
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread { [process] in
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
        let number = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        return Outcome(status: number, output: try folder.read("out"), errors: try folder.read("err"))
    }
}

/// Runs the command against `daemon` to its end.
func corundControl(
    _ arguments: String..., daemon: FakeDaemon, shell: String? = nil, input: String = ""
) async throws -> CommandProcess.Outcome {
    let environment = ["CORUND_SOCKET": daemon.socket]
    return try await CommandProcess(arguments, environment: environment, shell: shell, input: input).end()
}

/// Serves `answers` while `body` runs.
func withDaemon<Result>(
    _ answers: [String: [FakeDaemon.Answer]], _ body: (FakeDaemon) async throws -> Result
) async throws -> Result {
    let daemon = try FakeDaemon(answers)
    do {
        let result = try await body(daemon)
        daemon.stop()
        return result
    } catch {
        daemon.stop()
        throw error
    }
}
