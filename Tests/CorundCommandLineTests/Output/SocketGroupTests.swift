import Glibc
import TestSupport
import Testing

@testable import CorundCommandLine

@Suite("One who may not connect is told which group may")
struct SocketGroupTests {
    @Test("by its name, or its number where it has none; and never to become a member of root's")
    func advice() {
        #expect(
            SocketGroup(id: 7, name: "corund").advice
                == "Members of the group corund may connect: ask an administrator to make you one, then log in again")
        #expect(SocketGroup(id: 7, name: nil).advice.hasPrefix("Members of the group with the id 7 may connect"))
        #expect(SocketGroup(id: 0, name: "root").advice.hasPrefix("Only root may connect. An administrator"))
    }

    @Test("it is the file's, if that lets its group in")
    func file() throws {
        let folder = try TemporaryFolder(["socket": ""])
        let path = folder.file("socket")
        chmod(path, 0o600)
        #expect(SocketGroup(of: path) == nil)
        chmod(path, 0o660)
        let name = try #require(getgrgid(getegid())).pointee.gr_name
        #expect(SocketGroup(of: path) == SocketGroup(id: getegid(), name: name.map { String(cString: $0) }))
        #expect(SocketGroup(of: folder.file("nothing")) == nil)
    }
}
