import Foundation
import TestSupport
import Testing

@testable import CorundService

struct ConfigurationFileTests {
    @Test func dropInsWinInTheOrderOfTheirNames() throws {
        let folder = try TemporaryFolder([
            "corund.toml": "queue-length = 1\nrunning-limit = 1\nretained-jobs = 1",
            "conf.d/20-b.toml": "running-limit = 3\nretained-jobs = 3",
            "conf.d/10-a.toml": "running-limit = 2",
            "conf.d/.hidden.toml": "nonsense",
            "conf.d/README": "nonsense",
        ])
        let configuration = try Configuration.load(file: folder.file("corund.toml"), isRequired: true)
        #expect(configuration.queueLength == 1)
        #expect(configuration.runningLimit == 3)
        #expect(configuration.retainedJobs == 3)
    }

    @Test func theProblemsOfAllFilesAreReportedTogether() throws {
        let folder = try TemporaryFolder([
            "corund.toml": "debug = 1\n\nnested = 1", "conf.d/a.toml": "[", "conf.d/b.toml": "\n\ndebug = 2",
        ])
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: folder.file("corund.toml"), isRequired: true)
        }
        #expect(
            error.problems.map(\.file)
                == ["corund.toml", "corund.toml", "conf.d/a.toml", "conf.d/b.toml"].map(folder.file))
        #expect(error.problems.map(\.line) == [1, 3, 1, 3])
        #expect(error.description.split(separator: "\n").count == 4)
    }

    @Test func aMissingFileThatWasAskedForIsAnErrorThatNamesIt() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("corund.toml")
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: path, isRequired: true)
        }
        #expect(error.description == "\(path): cannot be read: No such file or directory (errno 2)")
    }

    @Test func aMissingDefaultFileIsTheDefaults() throws {
        let folder = try TemporaryFolder()
        #expect(try Configuration.load(file: folder.file("corund.toml"), isRequired: false) == Configuration())
    }

    @Test func dropInsHoldWithoutAMainFileToo() throws {
        let folder = try TemporaryFolder(["conf.d/a.toml": "debug = true"])
        #expect(try Configuration.load(file: folder.file("corund.toml"), isRequired: false).debug)
    }

    @Test func aDirectoryInPlaceOfAFileIsAnError() throws {
        let folder = try TemporaryFolder(["corund.toml/x": ""])
        #expect(throws: ConfigurationError.self) {
            try Configuration.load(file: folder.file("corund.toml"), isRequired: false)
        }
    }

    @Test func aFileInPlaceOfTheDropInDirectoryIsAnError() throws {
        let folder = try TemporaryFolder(["conf.d": ""])
        #expect(throws: ConfigurationError.self) {
            try Configuration.load(file: folder.file("corund.toml"), isRequired: false)
        }
    }

    @Test func aFileThatIsNotUTF8IsAnErrorWithItsLine() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("corund.toml")
        try Data("debug = true\n# ".utf8 + [0xff]).write(to: URL(fileURLWithPath: path))
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: path, isRequired: true)
        }
        #expect(error.description == "\(path):2: not UTF-8; TOML must be")
    }

    @Test func aFileWithoutEndIsRefused() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: "/dev/zero", isRequired: true)
        }
        #expect(error.description == "/dev/zero: cannot be read: File too large (errno 27)")
    }

    @Test func aPipeIsReadToItsEnd() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let keptOpen = open(path, O_RDWR | O_CLOEXEC)
        let writer = ForeignThread {
            // So many that the reader comes to the bottom of the pipe, again and again; no more than it holds.
            for text in Array(repeating: "#\n", count: 30_000) + ["debug = true"] {
                _ = write(keptOpen, text, text.utf8.count)
            }
            close(keptOpen)
        }
        let configuration = Result { try Configuration.load(file: path, isRequired: true) }
        writer.join()
        #expect(try configuration.get().debug)
    }

    @Test func anEmptyPipeIsNoConfiguration() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: path, isRequired: true)
        }
        #expect(error.description == "\(path): cannot be read: No data available (errno 61)")
    }

    // MARK: The file that nobody names

    private static let places: [([String: String], UInt32, String)] = [
        (["CONFIGURATION_DIRECTORY": "/etc/one:/etc/two", "XDG_CONFIG_HOME": "/c"], 7, "/etc/one/corund.toml"),
        (["XDG_CONFIG_HOME": "/c", "HOME": "/h"], 0, "/etc/corund/corund.toml"),
        (["XDG_CONFIG_HOME": "/c", "HOME": "/h"], 7, "/c/corund/corund.toml"),
        (["XDG_CONFIG_HOME": "", "HOME": "/h"], 7, "/h/.config/corund/corund.toml"),
        (["XDG_CONFIG_HOME": "not/absolute", "HOME": "/h"], 7, "/h/.config/corund/corund.toml"),
        (["HOME": ""], 7, "/etc/corund/corund.toml"),
    ]

    @Test(arguments: places)
    func theDefaultFileIsTheServiceManagersThenTheSystemsForRootThenTheUsers(
        environment: [String: String], userID: UInt32, path: String
    ) {
        #expect(Configuration.defaultFile(environment: environment, userID: userID) == path)
    }
}
