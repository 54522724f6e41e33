import CLinux
import Foundation
import Glibc
import TestSupport
import Testing

/// A program of this package, run as a process of its own, and ended with its owner.
final class Program {
    enum Name: String {
        case corund
        case misbehaving = "MisbehavingDaemon"
    }

    struct TimedOut: Error {
        let what: String
    }

    /// No test waits for longer than this for what must come.
    static let guardTime = Duration.seconds(30)

    let process: pid_t
    private let folder: TemporaryFolder
    private let log: String
    /// The other end is the program's alone: this one is at its end when the program is.
    private let life: Int32
    private var end: ProcessEnd?

    /// Starts the program; its output goes to a file in `folder`.
    ///
    /// It finds those signals blocked, and no others, though
    /// they are blocked on the threads that tests run on. With a `launcher`, that program and its arguments run it.
    init(
        _ name: Name, _ arguments: [String], environment: [String: String], folder: TemporaryFolder,
        blocking: [Int32] = [], launcher: [String] = []
    ) throws {
        self.folder = folder
        log = folder.file("log-\(UUID().uuidString)")
        var pair: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw POSIXError(.EMFILE)
        }
        life = pair[0]
        defer { close(pair[1]) }
        let command = launcher + [programsFolder + "/" + name.rawValue] + arguments
        try folder.write("leak:TOMLKit\n", to: "suppressions")
        let sanitizer = ["LSAN_OPTIONS": "print_suppressions=0:suppressions=\(folder.file("suppressions"))"]
        let own = sanitizer.merging(["XDG_STATE_HOME": folder.file("state")]) { $1 }
        let variables = Self.inherited.merging(own) { $1 }.merging(environment) { $1 }
        process = try startProcess(command, environment: variables, blocking: blocking) { [log] in
            posix_spawn_file_actions_addopen(&$0, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&$0, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&$0, STDOUT_FILENO, STDERR_FILENO)
            posix_spawn_file_actions_adddup2(&$0, pair[1], STDERR_FILENO + 1)
        }
    }

    deinit {
        close(life)
        if end == nil {
            kill(process, SIGKILL)
            _ = ProcessEnd(of: process)
        }
        for fault in ["Sanitizer", "Fatal error", "failed in a way its interface does not know"] {
            #expect(!output.contains(fault), "\(output)")
        }
    }

    /// The libraries are found through it, and the sanitizers are told what to do.
    private static let inherited = ProcessInfo.processInfo.environment.filter {
        ["PATH", "LD_LIBRARY_PATH", "TSAN_OPTIONS", "ASAN_OPTIONS"].contains($0.key)
    }

    /// What it has written so far.
    var output: String {
        (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    }

    func signal(_ signal: Int32) {
        kill(process, signal)
    }

    /// Waits until the program catches SIGTERM: the kernel tells nobody, so it is asked again and again.
    func waitUntilItCatchesSIGTERM() throws {
        let deadline = ContinuousClock.now + Self.guardTime
        while ContinuousClock.now < deadline {
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
            if let mask = caught.flatMap({ UInt64($0, radix: 16) }), mask & (1 << UInt64(SIGTERM - 1)) != 0 { return }
            sched_yield()
        }
        throw TimedOut(what: "SIGTERM is not caught")
    }

    /// Waits for its end.
    @discardableResult
    func wait(within limit: Duration = guardTime) throws -> ProcessEnd {
        if let end { return end }
        var watched = pollfd(fd: life, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, Int32(limit.components.seconds * 1000)) == 1 else {
            throw TimedOut(what: "the process does not end:\n\(output)")
        }
        let end = ProcessEnd(of: process)
        self.end = end
        return end
    }
}
