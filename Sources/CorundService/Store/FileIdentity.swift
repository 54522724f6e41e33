import Glibc

/// Which file a path leads to.
///
/// SQLite goes on writing to a file that was removed or moved away, and what is written there is lost with the process.
struct FileIdentity: Sendable {
    private let path: String
    private let device: dev_t
    private let number: ino_t

    /// - Throws: ``StoreError/gone(path:)``.
    init(path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .gone(path: path) }
        self.path = path
        (device, number) = (status.st_dev, status.st_ino)
    }

    /// Makes sure that the path leads to the same file still.
    ///
    /// - Throws: ``StoreError/gone(path:)``.
    func check() throws(StoreError) {
        let now = try FileIdentity(path: path)
        guard now.device == device, now.number == number else { throw .gone(path: path) }
    }
}
