import Glibc

/// The exit statuses of the daemon, from sysexits(3).
enum CorundExit: CInt {
    case unavailable = 69
    case fault = 70
    case configuration = 78

    /// Says why, and ends the process.
    func end(_ message: String) -> Never {
        for line in message.split(separator: "\n") {
            let text = "corund: \(line)\n"
            _ = write(STDERR_FILENO, text, text.utf8.count)
        }
        exit(rawValue)
    }
}
