package import CorundLoop
import Glibc
import SystemPackage

/// Standard output or standard error, written without a buffer: what is printed is out.
package struct OutputFile: Sendable {
    package let descriptor: CInt

    package static let standardOutput = OutputFile(descriptor: STDOUT_FILENO)
    package static let standardError = OutputFile(descriptor: STDERR_FILENO)

    package init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether it is a pipe, of which the kernel tells when its last reader is gone.
    ///
    /// (One that is open for reading as well has a reader, and counts as none.)
    package var isPipe: Bool {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFIFO else { return false }
        return fcntl(descriptor, F_GETFL) & O_ACCMODE == O_WRONLY
    }

    /// Columns of the terminal; nil for what is none, or does not say.
    package var terminalWidth: Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// JSON on one line, as it is; on a terminal, so that it does not command that.
    package func line(_ json: String) -> String { isTerminal ? json.printableJSON : json }

    /// Writes the lines in one piece, each with its end of line.
    package func print(_ lines: [String]) throws(OutputError) {
        var text = lines.joined(separator: "\n")
        guard !lines.isEmpty else { return }
        text += "\n"
        try write(Array(text.utf8))
    }

    /// Writes the bytes as they are.
    package func write(_ bytes: [UInt8]) throws(OutputError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { rest = rest.dropFirst(count) } else { try recover(from: .ofThisThread) }
        }
    }

    /// A terminal or pipe that someone has set to non-blocking is waited for.
    private func recover(from errno: Errno) throws(OutputError) {
        switch errno {
        case .interrupted: return
        case .resourceTemporarilyUnavailable:
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&room, 1, -1)
        case .brokenPipe: throw .closed
        default: throw .failed(SystemCallError("write", errno: errno))
        }
    }
}

/// Why something could not be written.
package enum OutputError: Error, Equatable {
    /// The reader is gone: `… | head -1`.
    case closed
    case failed(SystemCallError)
}
