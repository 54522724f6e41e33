import CLinux
import CorundLoop
import Foundation
import TestSupport
import Testing

/// The Varlink implementation for Python, in processes of its own.
final class VarlinkPython {
    /// What the process printed, piece by piece.
    let output = Happenings()
    private let pid: pid_t
    private let ended = DispatchSemaphore(value: 0)
    private var status: CInt?

    /// Runs the certification's tests with `arguments`.
    static func certification(_ arguments: String...) throws -> VarlinkPython {
        try VarlinkPython([interpreter(), "-u", "-m", "varlink.tests.test_certification"] + arguments)
    }

    /// The interpreter, which the script prepares at the first use.
    ///
    /// - Throws: what the script says when it cannot, such as what is to be installed.
    private static func interpreter() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let script = try VarlinkPython([root.appending(path: "scripts/varlink-python").path])
        let status = try script.waitForEnd()
        let text = script.output.all.joined()
        guard status == 0 else { throw RawClient.Failure(description: "the certification needs Python: \(text)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private init(_ command: [String]) throws {
        // Not Foundation's pipe: processes that other tests start at the same time would inherit its ends.
        var pair: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try SystemCallError.check(socketpair(AF_UNIX, type, 0, &pair), "socketpair")
        let reading = pair[0]
        let writing = Descriptor(owning: pair[1])
        pid = try startProcess(command) {
            posix_spawn_file_actions_addopen(&$0, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&$0, writing.number, STDOUT_FILENO)
            posix_spawn_file_actions_adddup2(&$0, writing.number, STDERR_FILENO)
        }
        let thread = Thread { [output, ended] in
            let pipe = Descriptor(owning: reading)
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = read(pipe.number, &buffer, buffer.count), count > 0 {
                output.tell(String(decoding: buffer[..<count], as: UTF8.self))
            }
            ended.signal()
        }
        thread.start()
    }

    /// Kills the process if it still runs.
    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// Waits until the process has closed its output and ended; gives its exit status.
    func waitForEnd() throws -> CInt {
        let limit = 4 * Happenings.patience  // a first download takes its time
        guard ended.wait(timeout: .now() + limit) == .success else {
            throw RawClient.Failure(description: "Python does not end; it said: \(output.all.joined())")
        }
        var status: CInt = 0
        waitpid(pid, &status, 0)
        self.status = status
        return status
    }
}
