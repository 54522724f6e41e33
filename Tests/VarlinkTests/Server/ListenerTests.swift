import CLinux
import CorundLoop
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Varlink

@Suite("Listener")
struct ListenerTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("socket") }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What lies at `path`; nil for nothing.
    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Leaves a socket at `path` as a process does that dies.
    private func leaveSocket() throws {
        let dead = Descriptor(
            owning: try SystemCallError.check(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), "socket"))
        try SystemCallError.check(corund_bind_unix(dead.number, path), "bind")
        try SystemCallError.check(listen(dead.number, 1), "listen")
    }

    @Test("listens with a socket that its owner and group may use, and nobody else")
    func mode() throws {
        let listener = try withUmask(0) { try Listener(path: path) }
        let mode = try #require(status(path)).st_mode
        #expect(mode & S_IFMT == S_IFSOCK)
        #expect(mode & 0o7777 == 0o660)
        #expect(try #require(status(path + ".lock")).st_mode & 0o7777 == 0o600)
        #expect(throws: Never.self) { try RawClient(path) }
        listener.close()
    }

    @Test("a path of the longest length can be listened on and connected to; one more byte is refused")
    func pathLength() throws {
        let limit = 107
        let longest = folder.path + "/" + String(repeating: "x", count: limit - folder.path.utf8.count - 1)
        let listener = try Listener(path: longest)
        #expect(throws: Never.self) { try RawClient(longest) }
        listener.close()
        let error = ListenerError.pathTooLong(path: longest + "x", limit: limit)
        #expect(throws: error) { try Listener(path: longest + "x") }
        #expect(error.description.contains("is 108 bytes long; Linux allows 107"))
        #expect(status(longest + "x.lock") == nil)
    }

    @Test("a socket that a live server has is refused, and left as it is")
    func inUse() throws {
        let first = try Listener(path: path)
        let inode = status(path)?.st_ino
        #expect(throws: ListenerError.inUse(path: path)) { try Listener(path: path) }
        #expect(status(path)?.st_ino == inode)
        #expect(throws: Never.self) { try RawClient(path) }
        first.close()
    }

    @Test("a socket that someone has who does not know of the lock is refused, also when its queue is full")
    func inUseByAnother() throws {
        let other = Descriptor(
            owning: try SystemCallError.check(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), "socket"))
        try SystemCallError.check(corund_bind_unix(other.number, path), "bind")
        try SystemCallError.check(listen(other.number, 0), "listen")
        for _ in 0..<3 { #expect(throws: ListenerError.inUse(path: path)) { try Listener(path: path) } }
        #expect(status(path) != nil)
    }

    @Test("a socket that a dead process left is replaced")
    func leftover() throws {
        try leaveSocket()
        #expect(throws: SystemCallError("connect", errno: .connectionRefused)) { try RawClient(path) }
        let listener = try Listener(path: path)
        #expect(throws: Never.self) { try RawClient(path) }
        listener.close()
    }

    @Test("what is not a socket is not touched")
    func notASocket() throws {
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .create, permissions: .ownerReadWrite)
        try file.closeAfter { _ = try file.writeAll("precious".utf8) }
        #expect(throws: ListenerError.notASocket(path: path)) { try Listener(path: path) }
        #expect(status(path)?.st_size == 8)
        #expect(unlink(path) == 0)
        // A symbolic link to a socket is none either.
        try leaveSocket()
        let link = folder.file("link")
        #expect(symlink(path, link) == 0)
        #expect(throws: ListenerError.notASocket(path: link)) { try Listener(path: link) }
        #expect(status(path) != nil)
    }

    @Test("a folder that is not there is said to be so")
    func missingFolder() throws {
        let path = folder.file("no/socket")
        #expect(throws: ListenerError.failed(path: path, SystemCallError("open", errno: .noSuchFileOrDirectory))) {
            try Listener(path: path)
        }
    }

    @Test("a folder that may not be written to is said to be so")
    func unwritableFolder() async throws {
        // In a process of its own, which gives up root's right to write everywhere.
        #expect(chmod(folder.path, 0o555) == 0)
        await #expect(processExitsWith: .success) { [path = path as String] in
            if getuid() == 0 { #expect(setuid(65534) == 0) }
            #expect(throws: ListenerError.failed(path: path, SystemCallError("open", errno: .permissionDenied))) {
                try Listener(path: path)
            }
        }
    }

    @Test("the lock is held as long as the listener, and its file stays")
    func lock() throws {
        let listener = try Listener(path: path)
        let probe = try FileDescriptor.open(FilePath(path + ".lock"), .readWrite)
        #expect(flock(probe.rawValue, LOCK_EX | LOCK_NB) != 0)
        listener.close()
        #expect(flock(probe.rawValue, LOCK_EX | LOCK_NB) == 0)
        #expect(status(path + ".lock") != nil)
        // Whoever holds the lock has the path, even with no socket there.
        #expect(throws: ListenerError.inUse(path: path)) { try Listener(path: path) }
        try probe.close()
        try Listener(path: path).close()
    }

    @Test("a refused listener leaves the lock to the next one")
    func lockAfterFailure() throws {
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .create, permissions: .ownerReadWrite)
        try file.close()
        #expect(throws: ListenerError.notASocket(path: path)) { try Listener(path: path) }
        #expect(unlink(path) == 0)
        try Listener(path: path).close()
    }

    @Test("the socket is removed at the close, if it is still ours")
    func removal() throws {
        let listener = try Listener(path: path)
        listener.close()
        #expect(status(path) == nil)
        listener.close()

        let second = try Listener(path: path)
        #expect(unlink(path) == 0)
        try leaveSocket()  // someone else's now
        second.close()
        #expect(status(path) != nil)
    }

    @Test("a socket that was handed over is used as it is, and its file left alone")
    func adopting() throws {
        let handed = Descriptor(
            owning: try SystemCallError.check(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), "socket"))
        try SystemCallError.check(corund_bind_unix(handed.number, path), "bind")
        try SystemCallError.check(listen(handed.number, 4), "listen")
        let listener = try Listener(adopting: handed)
        #expect(try listener.accept() == nil)  // and does not wait
        let client = try RawClient(path)
        #expect(try listener.accept() != nil)
        client.close()
        listener.close()
        #expect(status(path) != nil)
        #expect(status(path + ".lock") == nil)
    }
}
