import Glibc
import TestSupport
import Testing

/// The RunnerProgram as a process of its own, talked to line by line.
final class Program {
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
        process = try startProcess([programsFolder + "/RunnerProgram", scenario], defaulting: [SIGINT]) {
            posix_spawn_file_actions_adddup2(&$0, theirs, STDIN_FILENO)
            posix_spawn_file_actions_adddup2(&$0, theirs, STDOUT_FILENO)
        }
    }

    deinit {
        close(socket)
        guard !isReaped else { return }
        kill(process, SIGKILL)
        _ = ProcessEnd(of: process)
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
    func end(sourceLocation: SourceLocation = #_sourceLocation) throws -> ProcessEnd {
        let rest = try line()
        #expect(rest == nil, sourceLocation: sourceLocation)
        isReaped = true
        return ProcessEnd(of: process)
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
