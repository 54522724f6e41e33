import CLinux
import Foundation
import Glibc
import Testing
import TestSupport

/// A program of this package, run as a process of its own, and ended with its owner.
final class Program {
    enum Name: String {
        case corund
        case misbehaving = "MisbehavingDaemon"
    }

    enum End: Equatable {
        case exited(Int32)
        case signalled(Int32)
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
    private var end: End?

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
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, pair[1], STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in blocking { sigaddset(&signals, signal) }
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let path = Self.folder + "/" + name.rawValue
        let command = launcher + [path] + arguments
        let words = command.map { strdup($0) }
        try folder.write("leak:TOMLKit\n", to: "suppressions")
        let sanitizer = ["LSAN_OPTIONS": "print_suppressions=0:suppressions=\(folder.file("suppressions"))"]
        let own = sanitizer.merging(["XDG_STATE_HOME": folder.file("state")]) { $1 }
        let variables = Self.inherited.merging(own) { $1 }.merging(environment) { $1 }.map {
            strdup("\($0)=\($1)")
        }
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let failure = posix_spawnp(&process, command[0], &actions, &attributes, words + [nil], variables + [nil])
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO) }
        self.process = process
    }

    deinit {
        close(life)
        if end == nil {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        for fault in ["Sanitizer", "Fatal error", "failed in a way its interface does not know"] {
            #expect(!output.contains(fault), "\(output)")
        }
    }

    /// Beside the test bundle.
    private static let folder: String = {
        let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return (executable ?? "") + "/.."
    }().replacing(/\/[^\/]*\/\.\.$/, with: "")

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
    func wait(within limit: Duration = guardTime) throws -> End {
        if let end { return end }
        var watched = pollfd(fd: life, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, Int32(limit.components.seconds * 1000)) == 1 else {
            throw TimedOut(what: "the process does not end:\n\(output)")
        }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        let end: End = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f)
        self.end = end
        return end
    }
}
