import Foundation
import Logging
import TestSupport
import Testing

@testable import CorundService

struct ConfigurationTests {
    private func problems(_ toml: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration(toml: toml, file: "corund.toml")
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func anEmptyDocumentIsTheDefaults() throws {
        #expect(try Configuration(toml: "", file: "") == Configuration())
    }

    @Test func everyKeySetsItsValue() throws {
        var expected = Configuration()
        expected.socket = "/run/x.sock"
        expected.stateDirectory = "/var/lib/x"
        expected.logLevel = .trace
        expected.debug = true
        expected.messageSize = 4096
        expected.nestingDepth = 512
        expected.callsInFlight = 1
        expected.connectionsPerUID = 2
        expected.queueLength = 3
        expected.runningLimit = 1_000_000
        expected.retainedJobs = 0
        expected.retention = .seconds(86_400)
        expected.retainedBytes = 1_048_576
        expected.durability = .normal
        expected.crashLimit = 1
        expected.retryDelay = .milliseconds(1)
        expected.retryDelayLimit = .seconds(7)
        expected.priorityAging = .zero
        expected.outputLimit = 0
        expected.drainTimeout = .zero
        expected.cancelGrace = .milliseconds(500)
        expected.poolTimeout = .seconds(90)
        let toml = """
            socket = "/run/x.sock"
            state-dir = '/var/lib/x'
            log-level = "trace"
            debug = true
            message-size = 4_096
            nesting-depth = 0x200
            calls-in-flight = 1
            connections-per-uid = 2
            queue-length = 3
            running-limit = 1000000
            retained-jobs = 0
            retention = "1d"
            retained-bytes = 1048576
            durability = "normal"
            crash-limit = 1
            retry-delay = "1ms"
            retry-delay-limit = "7s"
            priority-aging = "0s"
            output-limit = 0
            drain-timeout = "0s"
            cancel-grace = "500ms"
            pool-timeout = "1min 30s"
            """
        #expect(try Configuration(toml: toml, file: "") == expected)
        #expect(expected.keysThatDiffer(from: Configuration()) == Configuration.keys.map(\.name))
        #expect(try Configuration(toml: expected.render(), file: "") == expected)
    }

    @Test func theDefaultsPrintAndReadBack() throws {
        let text = Configuration().render()
        #expect(try Configuration(toml: text, file: "") == Configuration())
        #expect(text.contains("# socket is not set\n"))
        #expect(text.contains("pool-timeout = \"5min\"\n"))
    }

    @Test(arguments: ["/with \"quotes\" and \\", "/line\nend\ttab\u{1b}\u{7f}", "/grüße👋"])
    func anyPathPrintsAndReadsBack(path: String) throws {
        var configuration = Configuration()
        configuration.socket = path
        #expect(try Configuration(toml: configuration.render(), file: "") == configuration)
    }

    @Test func everyKeyIsPrintedOnce() {
        let lines = Configuration().render().split(separator: "\n")
        #expect(lines.count == Configuration.keys.count + 1 + AccessSettings.keys.count)  // and [access]
        #expect(Set(Configuration.keys.map(\.name)).count == Configuration.keys.count)
    }

    @Test func allProblemsAreReportedInTheOrderOfTheirLines() {
        let toml = """
            # A comment.
            debug = "yes"
            drain-timout = "10s"

            running-limit = "many"
            message-size = 12
            log-level = "loud"
            queue-length = 10
            """
        #expect(
            problems(toml) == [
                "corund.toml:2: debug: expected true or false, found a string",
                "corund.toml:3: drain-timout: unknown key; did you mean drain-timeout?",
                "corund.toml:5: running-limit: expected an integer from 1 to 1000000, found a string",
                "corund.toml:6: message-size: expected an integer from 4096 to 1073741824, found 12",
                "corund.toml:7: log-level: expected one of \"trace\", \"debug\", \"info\", \"notice\", \"warning\", "
                    + "\"error\", \"critical\", found \"loud\"",
            ])
    }

    @Test(arguments: [
        ("drain-timeout = 10", "from 0s to 1d, found an integer"),
        ("drain-timeout = \"soon\"", "found \"soon\" where a number should be"),
        ("drain-timeout = \"-1s\"", "found \"-1s\" where a number should be"),
        ("drain-timeout = \"25h\"", "found 1d 1h"),
        ("drain-timeout = \"99999999999999999999d\"", "found a time longer than any that can be kept"),
        ("socket = \"run/corund.sock\"", "expected an absolute path of at most 107 bytes, found \"run/corund.sock\""),
        ("socket = \"\"", "found \"\""),
        ("socket = \"/\(String(repeating: "x", count: 107))\"", "found one of 108 bytes"),
        ("queue-length = 1e3", "found a floating-point number"),
        ("queue-length = 0", "from 1 to 10000000, found 0"),
        ("queue-length = -9223372036854775808", "found -9223372036854775808"),
        ("queue-length = [1]", "found an array"), ("debug = 1", "found an integer"),
        ("durability = \"half\"", "one of \"full\", \"normal\", \"none\", found \"half\""),
        ("retained-bytes = 1024", "found 1024"), ("debug = 2026-11-21", "found a date"),
        ("debug = { x = 1 }", "found a table"),
        ("log-level = \"Info\"", "found \"Info\""), ("nesting-depth = 513", "found 513"),
    ])
    func anImpossibleValueIsRefused(toml: String, end: String) throws {
        let found = problems(toml)
        #expect(found.count == 1)
        let problem = try #require(found.first)
        #expect(problem.hasPrefix("corund.toml:1: \(toml.prefix { $0 != " " }): expected "))
        #expect(problem.hasSuffix(end))
    }

    @Test(arguments: [
        ("zzz = 1", "zzz: unknown key; remove it, or see --print-config for the keys that there are"),
        ("\"a b\" = 1", "\"a b\": unknown key; remove it, or see --print-config for the keys that there are"),
        ("queue.length = 1", "queue: unknown table; remove it, or see --print-config for the keys that there are"),
        ("[command.backup]\nargv = []", "command: unknown table; did you mean commands?"),
        ("groups = 1", "groups: expected a table for each name, as [groups.NAME], found an integer"),
        ("groups.x = 1", "groups.x: expected a table, found an integer"),
    ])
    func whatIsUnknownIsRefused(toml: String, problem: String) {
        let found = problems(toml)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("corund.toml:1: \(problem)") == true)
    }

    @Test func aProblemBehindAMultilineStringHasItsOwnLine() {
        #expect(
            problems("socket = \"\"\"/a\ndebug = 1\n\"\"\"\ndebug = 1")
                == ["corund.toml:4: debug: expected true or false, found an integer"])
    }

    @Test func anErrorOfSyntaxHasLineAndColumn() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration(toml: "debug = true\nqueue-length = = 3\n", file: "corund.toml")
        }
        let problem = try #require(error.problems.first)
        #expect(error.problems.count == 1)
        #expect(problem.line == 2)
        #expect(problem.column == 16)
        #expect(problem.description.hasPrefix("corund.toml:2:16: "))
    }

    @Test func aKeySetTwiceIsAnErrorOnTheSecondLine() {
        let found = problems("debug = true\ndebug = false\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("corund.toml:2:") == true)
    }

    @Test func aNULDoesNotHideWhatFollows() {
        #expect(problems("debug = true\n# \0\nnonsense") == ["corund.toml:2: a NUL byte; remove it"])
        for escape in ["\\u0000", "\\U00000000"] {
            #expect(problems("\nsocket = \"/a\(escape)b\"") == ["corund.toml:2: a NUL byte; remove it"])
        }
    }

    @Test func whatOnlyLooksLikeAnEscapedNULIsTaken() throws {
        let toml = #"""
            # \u0000
            [commands.x]
            argv = ["/bin/printf", "\\u0000", '\u0000']
            """#
        let settings = try Configuration(toml: toml, file: "corund.toml")
        #expect(settings.commands["x"]?.argv == ["/bin/printf", "\\u0000", "\\u0000"])
    }
}

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

/// The shipped `config/corund.toml` and the keys tell the same story.
struct ShippedConfigurationTests {
    private let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../config/corund.toml").standardizedFileURL.path

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The lines of the part that `#[header` begins, which ends with the next one; those before the first one for nil.
    private func lines(of header: String?) throws -> [Substring] {
        let lines = try text().split(separator: "\n", omittingEmptySubsequences: false)
        guard let header else { return Array(lines.prefix { !$0.hasPrefix("#[") }) }
        let start = try #require(lines.firstIndex { $0.hasPrefix("#[\(header)") })
        return Array(lines[start...].prefix(1) + lines[(start + 1)...].prefix { !$0.hasPrefix("#[") })
    }

    /// Checks what stands above a key, and gives the document that its line is without the `#`.
    private func check<Settings>(_ key: ConfigurationKey<Settings>, under header: String? = nil) throws -> String {
        let lines = try lines(of: header)
        let index = try #require(
            lines.firstIndex { $0.hasPrefix("#\(key.name) = ") }, "no line that begins #\(key.name) =")
        let comment = lines[..<index].reversed().prefix { $0.hasPrefix("# ") }.reversed()
            .map { $0.dropFirst(2) }.joined(separator: " ")
        #expect(comment.contains(key.expectation), "the comment above #\(key.name) must say: \(key.expectation)")
        #expect(comment.hasPrefix(key.summary), "the comment above #\(key.name) must begin: \(key.summary)")
        return String(lines[index].dropFirst())
    }

    /// The names of the keys that stand in a part of the file, commented or not.
    private func names(under header: String? = nil) throws -> [String] {
        try lines(of: header).compactMap { line in
            let assignment = line.drop { $0 == "#" }
            guard let first = assignment.first, first != " ", first != "[" else { return nil }
            return assignment.split(separator: " ").first.map(String.init)
        }
    }

    @Test func itLoadsAndDiffersFromTheDefaultsInPoolTimeoutAlone() throws {
        let configuration = try Configuration.load(file: path, isRequired: true)
        #expect(configuration.keysThatDiffer(from: Configuration()) == ["pool-timeout"])
        #expect(configuration.poolTimeout == .seconds(30))
    }

    @Test(arguments: Configuration.keys.map(\.name))
    func everyKeyStandsInItWithItsDefaultAndWhatItTakes(name: String) throws {
        let key = try #require(Configuration.keys.first { $0.name == name })
        // The commented line, uncommented, sets the default; where there is none it shows an example.
        let configuration = try Configuration(toml: check(key), file: path)
        let expected = key.defaultValue == nil ? [name] : []
        #expect(configuration.keysThatDiffer(from: Configuration()) == expected)
    }

    @Test func nothingStandsInItThatIsNoKey() throws {
        #expect(Set(try names()) == Set(Configuration.keys.map(\.name)))
        #expect(try names(under: "access") == AccessSettings.keys.map(\.name))
        #expect(try names(under: "groups.") == GroupSettings.keys.map(\.name))
        #expect(try names(under: "commands.") == CommandSettings.keys.map(\.name))
    }

    @Test(arguments: AccessSettings.keys.map(\.name))
    func everyKeyOfAccessStandsInItWithItsDefault(name: String) throws {
        let key = try #require(AccessSettings.keys.first { $0.name == name })
        #expect(try check(key, under: "access") == "\(name) = \(key.defaultValue ?? "")")
    }

    @Test(arguments: GroupSettings.keys.map(\.name))
    func everyKeyOfAGroupStandsInIt(name: String) throws {
        let key = try #require(GroupSettings.keys.first { $0.name == name })
        let toml = try check(key, under: "groups.")
        #expect(try Configuration(toml: "[groups.x]\n\(toml)", file: path).groups["x"] != GroupSettings())
    }

    @Test(arguments: CommandSettings.keys.map(\.name))
    func everyKeyOfACommandStandsInItWithItsDefault(name: String) throws {
        let key = try #require(CommandSettings.keys.first { $0.name == name })
        let value = try check(key, under: "commands.").dropFirst("\(name) = ".count)
        guard !["argv", "arguments"].contains(name), let expected = key.defaultValue else { return }
        #expect(value == expected)
    }

    @Test func itsExamplesOfAGroupAndACommandAreRight() throws {
        let examples = try (lines(of: "groups.") + lines(of: "commands."))
            .filter { $0.hasPrefix("#") && !$0.hasPrefix("# ") }.map { $0.dropFirst() }
        // The argument of the example for stdin is not the program's.
        let toml = examples.filter { !$0.hasPrefix("stdin") }.joined(separator: "\n")
        let configuration = try Configuration(toml: toml, file: path)
        #expect(configuration.groups["backup"]?.limit == 1)
        #expect(configuration.commands["backup"]?.argv.count == 3)
    }
}
