import CorundService
import Glibc

/// Kinds that leave a line in a file each time they run: what a test that kills the daemon counts.
extension JobRegistry {
    private struct Mark: Decodable {
        let file: String
        let line: String
        let seconds: Double
    }

    mutating func registerMarks() {
        register("mark") { (mark: Mark, _) in
            try Self.leave(mark)
            try await EventLoop.running?.sleep(for: .seconds(mark.seconds))
            return mark.line
        }
        var once = KindOptions(summary: "Must not be begun twice")
        once.crashPolicy = .fail
        register("mark-once", once) { (mark: Mark, _) in
            try Self.leave(mark)
            try await EventLoop.running?.sleep(for: .seconds(mark.seconds))
            return mark.line
        }
    }

    /// One write of one line: it is in the file, whole, also when the daemon is killed at once.
    private static func leave(_ mark: Mark) throws {
        let file = open(mark.file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw JobFailure(kind: "Mark", message: "\(mark.file) cannot be opened") }
        defer { close(file) }
        let line = mark.line + "\n"
        guard write(file, line, line.utf8.count) == line.utf8.count else {
            throw JobFailure(kind: "Mark", message: "\(mark.file) cannot be written")
        }
    }
}
