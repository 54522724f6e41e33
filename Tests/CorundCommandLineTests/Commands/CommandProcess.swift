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
        folder = try TemporaryFolder(["in": input, "out": "", "err": ""])
        let program = programsFolder + "/corund-ctl"
        let command = shell.map { ["/bin/sh", "-c", $0, program] } ?? [program]
        let environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
        process = try startProcess(
            command + arguments, environment: environment, defaulting: [SIGPIPE, SIGINT]
        ) { [folder] in
            posix_spawn_file_actions_addopen(&$0, 0, folder.file("in"), O_RDONLY, 0)
            for (descriptor, name) in [(1, "out"), (2, "err")] as [(CInt, String)] {
                let path = terminal ?? folder.file(name)
                posix_spawn_file_actions_addopen(&$0, descriptor, path, O_WRONLY | O_NOCTTY, 0)
            }
        }
    }

    func send(_ signal: Int32) {
        kill(process, signal)
    }

    /// Waits for its end.
    func end() async throws -> Outcome {
        let end = try await onThreadOfItsOwn { [process] in ProcessEnd(of: process) }
        let status =
            switch end {
            case .exited(let code): code
            case .signalled(let signal): 128 + signal
            }
        return Outcome(status: status, output: try folder.read("out"), errors: try folder.read("err"))
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
