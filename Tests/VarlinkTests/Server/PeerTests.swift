import CLinux
import CorundLoop
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Varlink

@Suite("Server: who is at the other end")
struct PeerTests {
    /// Reads as the kernel does from a peer that is in these groups; each list is what one try finds.
    private static func read(_ tries: [[UInt32]]) throws -> (groups: [UInt32], rooms: [Int]) {
        var rooms: [Int] = []
        let groups = try Peer.supplementaryGroupIDs { buffer, count in
            let found = tries[min(rooms.count, tries.count - 1)]
            rooms.append(count)
            let room = count
            count = found.count
            guard room >= found.count else {
                errno = ERANGE
                return -1
            }
            for (index, group) in found.enumerated() { buffer?[index] = group }
            return 0
        }
        return (groups, rooms)
    }

    @Test("groups that fit are read at once, and no others with them", arguments: [0, 1, 31, 32])
    func fewGroups(count: Int) throws {
        let groups = (0..<count).map { UInt32($0) + 70_000 }
        let (found, rooms) = try Self.read([groups])
        #expect(found == groups)
        #expect(rooms.count == 1)
    }

    @Test("more groups are read with as much room as they need", arguments: [33, 65_536])
    func manyGroups(count: Int) throws {
        let groups = (0..<count).map { UInt32($0) + 1 }
        let (found, rooms) = try Self.read([groups])
        #expect(found == groups)
        #expect(rooms.count == 2)
        #expect(rooms.last == count)
    }

    @Test("it is not tried without end, nor with more room than the kernel can need")
    func noEnd() throws {
        let growing = (1...10).map { Array(repeating: UInt32(1), count: $0 * 100) }
        let tooMany = [Array(repeating: UInt32(1), count: 65_537)]
        for tries in [growing, tooMany] {
            #expect(throws: SystemCallError("getsockopt SO_PEERGROUPS", errno: .outOfRange)) { try Self.read(tries) }
        }
    }

    @Test("another error is told")
    func otherError() {
        #expect(throws: SystemCallError("getsockopt SO_PEERGROUPS", errno: .notSocket)) {
            _ = try Peer.supplementaryGroupIDs { _, _ in
                errno = ENOTSOCK
                return -1
            }
        }
    }

    @Test("a process of one's own is found with its user and its groups")
    func ownProcess() throws {
        var ends: [CInt] = [-1, -1]
        try SystemCallError.check(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends), "socketpair")
        defer { for end in ends { close(end) } }
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = Int(getgroups(CInt(groups.count), &groups))
        let peer = try Peer(of: ends[0])
        #expect((peer.processID, peer.userID, peer.groupID) == (getpid(), geteuid(), getegid()))
        #expect(Set(peer.supplementaryGroupIDs) == Set(groups.prefix(count)))
    }

    /// Only root can be somebody else.
    @Test(
        "somebody else is found with all supplementary groups, few or many",
        .enabled(if: geteuid() == 0 && access("/usr/bin/python3", X_OK) == 0), arguments: [0, 3, 1000])
    func somebodyElse(count: Int) throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let path = folder.file("s")
        let listener = try Listener(path: path)
        chmod(path, 0o666)
        let client = Process()
        client.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        let program = """
            import os, socket, sys
            os.setgroups(range(70000, 70000 + int(sys.argv[2]))); os.setgid(60001); os.setuid(60002)
            connection = socket.socket(socket.AF_UNIX); connection.connect(sys.argv[1]); connection.recv(1)
            """
        client.arguments = ["-c", program, path, String(count)]
        try client.run()
        defer { client.waitUntilExit() }
        var ready = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
        try #require(poll(&ready, 1, CInt(Happenings.patience * 1000)) == 1)
        guard let socket = try listener.accept() else { throw RawClient.Failure(description: "nobody has connected") }
        let peer = try Peer(of: socket.number)
        #expect((peer.processID, peer.userID, peer.groupID) == (client.processIdentifier, 60_002, 60_001))
        #expect(peer.supplementaryGroupIDs.sorted() == (0..<count).map { UInt32($0) + 70_000 })
    }
}
