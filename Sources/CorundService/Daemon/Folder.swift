import CorundLoop
import Glibc
import SystemPackage

/// A folder that the daemon writes to.
enum Folder {
    /// Makes sure that the folder is there, made for its owner alone if need be, and can be written.
    ///
    /// - Throws: ``DaemonError/folderNotWritable(role:path:reason:)``.
    static func prepare(_ path: String, role: String) throws(DaemonError) {
        if !make(path), errno != EEXIST { throw failure(role, path) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(role, path) }
        // First: it is the truth of a file that may not be executed, too.
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .folderNotWritable(role: role, path: path, reason: Errno.notDirectory.description)
        }
        guard access(path, W_OK | X_OK) == 0 else { throw failure(role, path) }
    }

    /// Makes the folder, and those above it that are missing.
    ///
    /// - Returns: whether it was made; `errno` says why not.
    private static func make(_ path: String) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return false }
        guard make(String(path[..<slash])) || errno == EEXIST else { return false }
        return mkdir(path, 0o700) == 0
    }

    private static func failure(_ role: String, _ path: String) -> DaemonError {
        .folderNotWritable(role: role, path: path, reason: Errno.ofThisThread.description)
    }
}
