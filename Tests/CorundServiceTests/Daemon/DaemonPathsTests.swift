import Testing

@testable import CorundService

struct DaemonPathsTests {
    private static let everything = ["RUNTIME_DIRECTORY": "/run/one:/run/two", "XDG_RUNTIME_DIR": "/run/user/7"]

    private static func paths(
        _ configured: String? = nil, _ environment: [String: String] = [:], userID: UInt32 = 7
    ) -> DaemonPaths {
        DaemonPaths(configured: configured, environment: environment, userID: userID)
    }

    @Test func whatIsConfiguredWins() {
        let paths = Self.paths("/tmp/x.sock", Self.everything)
        #expect(paths.socket == "/tmp/x.sock")
        #expect(!paths.makesSocketFolder)
    }

    @Test func thenTheServiceManagersFolderTheFirstOfThem() {
        let paths = Self.paths(nil, Self.everything)
        #expect(paths.socket == "/run/one/corund.sock")
        #expect(!paths.makesSocketFolder)
    }

    @Test func thenTheUsersFolder() {
        let paths = Self.paths(nil, ["XDG_RUNTIME_DIR": "/run/user/7", "RUNTIME_DIRECTORY": ""])
        #expect(paths.socket == "/run/user/7/corund/corund.sock")
        #expect(paths.makesSocketFolder)
    }

    @Test(arguments: [(0, "/run/corund/corund.sock"), (7, "/run/user/7/corund/corund.sock")])
    func thenTheUsualFolder(userID: UInt32, socket: String) {
        let paths = Self.paths(nil, ["XDG_RUNTIME_DIR": ""], userID: userID)
        #expect(paths.socket == socket)
        #expect(paths.makesSocketFolder)
    }

    @Test(arguments: [("/a/b/c.sock", "/a/b"), ("c.sock", "."), ("d/c.sock", "d"), ("/c.sock", "/")])
    func theSocketsFolderIsWhatIsBeforeTheLastSlash(socket: String, folder: String) {
        #expect(Self.paths(socket).socketFolder == folder)
    }

    @Test func theStateFolderIsTheConfiguredOneThenTheServiceManagersThenTheUsers() {
        var environment = [
            "STATE_DIRECTORY": "/var/lib/one:/var/lib/two", "XDG_STATE_HOME": "/home/a/state", "HOME": "/home/a",
        ]
        func folder(_ configured: String? = nil, userID: UInt32 = 7) -> String {
            DaemonPaths.stateFolder(configured: configured, environment: environment, userID: userID)
        }
        #expect(folder("/x") == "/x")
        #expect(folder() == "/var/lib/one")
        environment["STATE_DIRECTORY"] = ""
        #expect(folder() == "/home/a/state/corund")
        environment["XDG_STATE_HOME"] = "not/absolute"
        #expect(folder() == "/home/a/.local/state/corund")
        #expect(folder(userID: 0) == "/var/lib/corund")
        environment["HOME"] = nil
        #expect(folder() == "/var/lib/corund")
    }
}
