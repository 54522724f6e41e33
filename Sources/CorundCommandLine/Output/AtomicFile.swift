import CorundLoop
import Glibc
import SystemPackage

/// A file that is there as a whole or not at all: whoever reads it meanwhile sees the one before.
package enum AtomicFile {
    /// Writes `text` to `path`, for everyone to read.
    ///
    /// It is written beside its place under a name of its own, brought to the disk, and then renamed. A link stays one, and
    /// what is no file (`/dev/stdout`, `/dev/null`, a pipe) is written to: root could replace it, and nobody wants that.
    package static func write(_ text: String, to path: String) throws(OutputError) {
        guard mayReplace(path) else { return try writeThrough(text, to: path) }
        let place = target(of: path)
        // Not `.prom` or anything else that a collector may look for.
        let temporary = "\(place).\(getpid()).tmp"
        do {
            try writeNew(text, to: temporary, inPlaceOf: path)
            try check(rename(temporary, place), "rename", path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Whether there is nothing, a file, or a folder, which no file replaces.
    private static func mayReplace(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) != 0 || [S_IFREG, S_IFDIR].contains(facts.st_mode & S_IFMT)
    }

    private static func target(of path: String) -> String {
        guard let target = realpath(path, nil) else { return path }
        defer { free(target) }
        return String(validatingCString: target) ?? path
    }

    private static func writeThrough(_ text: String, to path: String) throws(OutputError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        try check(descriptor, "open", path)
        defer { close(descriptor) }
        try OutputFile(descriptor: descriptor).write(Array(text.utf8))
    }

    private static func writeNew(_ text: String, to temporary: String, inPlaceOf path: String) throws(OutputError) {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        try check(descriptor, "open", path)
        defer { close(descriptor) }
        try OutputFile(descriptor: descriptor).write(Array(text.utf8))
        // Whatever the umask says.
        try check(fchmod(descriptor, 0o644), "fchmod", path)
        try check(fsync(descriptor), "fsync", path)
    }

    private static func check(_ result: CInt, _ call: String, _ path: String) throws(OutputError) {
        guard result < 0 else { return }
        throw .failed(SystemCallError(call, subject: path))
    }
}
