import Glibc
import Testing

/// The RunnerProgram as a process of its own, talked to line by line.
final class Program {
    enum End: Equatable {
        case exited(CInt)
        case signalled(CInt)
    }

    private struct Failed: Error {
        let what: String
    }

    /// No test waits for longer than this, in milliseconds, for what must come.
    private static let guardTime: CInt = 30_000

    private let process: pid_t
    /// Its standard input and output.
    private let socket: CInt
    private var isReaped = false

    /// Starts the program with no signal blocked or ignored, whatever this process does.
    init(_ scenario: String) throws {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        let theirs = ends[1]
        socket = ends[0]
        defer { close(theirs) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, theirs, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, theirs, STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let path = try Self.path()
        let words = [path, scenario].map { (word: String) in strdup(word) }
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, path, &actions, &attributes, words + [nil], environ)
        try #require(failure == 0, "the program cannot be started: \(failure)")
        self.process = process
    }

    deinit {
        close(socket)
        guard !isReaped else { return }
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    /// Beside the test bundle.
    private static func path() throws -> String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        let folder = try #require(path.prefix(max(length, 0)).lastIndex(of: UInt8(ascii: "/")))
        return String(decoding: path.prefix(folder), as: UTF8.self) + "/RunnerProgram"
    }

    func interrupt() {
        kill(process, SIGINT)
    }

    /// Lets the program go on where it waits for a line.
    func goOn() {
        _ = write(socket, "\n", 1)
    }

    /// Ends its standard input.
    func endInput() {
        shutdown(socket, CInt(SHUT_WR))
    }

    /// Waits for the program's next lines and expects them to be these.
    func expect(_ lines: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        for expected in lines {
            let line = try line()
            try #require(line == expected, sourceLocation: sourceLocation)
        }
    }

    /// Waits for the program's end; there must be no line left.
    func end(sourceLocation: SourceLocation = #_sourceLocation) throws -> End {
        let rest = try line()
        #expect(rest == nil, sourceLocation: sourceLocation)
        var status: CInt = 0
        waitpid(process, &status, 0)
        isReaped = true
        return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f)
    }

    /// The next line; nil when the program has ended.
    func line() throws -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            var watched = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, Self.guardTime) == 1 else {
                throw Failed(what: "the program says nothing after \(String(decoding: line, as: UTF8.self))")
            }
            guard read(socket, &byte, 1) == 1 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            guard byte != UInt8(ascii: "\n") else { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }
}
