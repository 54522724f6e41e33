import Glibc
import Systemd

/// The exit statuses of the daemon, from sysexits(3).
enum CorundExit: CInt {
    case unavailable = 69
    case fault = 70
    case output = 74
    case configuration = 78

    /// Says why, and ends the process.
    ///
    /// - Parameters:
    ///   - message: what is wrong, a line for each thing.
    ///   - manager: the service manager, if it is to say so too; `systemctl status` then does.
    func end(_ message: String, telling manager: Notifier? = nil) -> Never {
        _ = try? manager?.notify(.status(message))
        Self.complain(message)
        exit(rawValue)
    }

    /// Prints a text on standard output, and ends the process when that does not take it.
    static func print(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            let failure = errno
            if count < 0, failure == EINTR { continue }
            if count < 0, failure == EPIPE { return }  // whoever reads has read enough
            if count < 0 { output.end("cannot write: \(String(cString: strerror(failure)))") }
            rest = rest.dropFirst(count)
        }
    }

    /// Says something on standard error, a line for each thing.
    static func complain(_ message: String) {
        for line in message.split(separator: "\n") {
            let text = "corund: \(line)\n"
            _ = write(STDERR_FILENO, text, text.utf8.count)
        }
    }
}
