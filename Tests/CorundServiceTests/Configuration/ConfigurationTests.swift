import Logging
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

    /// The parser asserts that there is none of these.
    @Test(arguments: [
        ("\n[\nlimit = 1", 2), ("[ <groups.a>]", 1), ("[.a]", 1), ("[[\t=", 1), ("[[[a]]]", 1), ("[é]", 1),
        ("debug = true\n[#]\n[groups.a]", 2), ("access = [ }", 1), ("access = [\n1, # ]\n}", 3),
        ("x = { a = [1, {}, } }", 1), ("x = \"\"\"[\n}\"\"\"\ny = [[}", 3), ("x = 1979-05-27T:", 1),
        ("x = 1979-05-27Tx:0", 1),
        ("x = [\n1979-05-27 9,", 2), ("x = [\u{2028}1]", 1), ("x = [1, \u{85}]", 1),
    ])
    func whatTheParserCannotBearIsRefused(toml: String, line: Int) {
        let found = problems(toml)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("corund.toml:\(line): ") == true, "\(found)")
    }

    @Test func whatOnlyLooksAsIfTheParserCouldNotBearItIsTaken() throws {
        let toml = #"""
            # [ 1979-05-27T
            [ "groups" . 'a' ] # [
            [ commands . 1979-05-27 ]
            argv = ["/bin/echo", "[", '1979-05-27T:', "{a}", "é" # }é
            ]
            arguments = { a = { type = "string", one-of = ["}", "]"] } }
            """#
        let settings = try Configuration(toml: toml, file: "corund.toml")
        #expect(settings.commands["1979-05-27"]?.argv == ["/bin/echo", "[", "1979-05-27T:", "{a}", "é"])
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
