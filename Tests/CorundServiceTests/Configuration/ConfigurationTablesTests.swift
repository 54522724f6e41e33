import Foundation
import TestSupport
import Testing

@testable import CorundService

/// The tables of groups and of commands.
struct ConfigurationTablesTests {
    private func problems(_ toml: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration(toml: toml, file: "c")
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    // MARK: Groups

    @Test func groupsHaveALimitAndARate() throws {
        let toml = """
            [groups.build]
            limit = 4
            rate = "100/min"
            [groups."a b"]
            rate = "5/10s"
            [groups.idle]
            """
        let configuration = try Configuration(toml: toml, file: "c")
        var build = GroupSettings()
        build.limit = 4
        build.rate = Rate(count: 100, period: .seconds(60))
        var other = GroupSettings()
        other.rate = Rate(count: 5, period: .seconds(10))
        #expect(configuration.groups == ["build": build, "a b": other, "idle": GroupSettings()])
        #expect(try Configuration(toml: configuration.render(), file: "c") == configuration)
    }

    @Test(arguments: [
        ("10/s", 10, Duration.seconds(1), "10/s"), ("1000/h", 1000, .seconds(3600), "1000/h"),
        ("5/10s", 5, .seconds(10), "5/10s"), ("1 / 1min 30s", 1, .seconds(90), "1/1min 30s"),
        ("3/500ms", 3, .milliseconds(500), "3/500ms"), ("2/60s", 2, .seconds(60), "2/min"),
        ("7/15s", 7, .seconds(15), "7/15s"), ("9/.5s", 9, .milliseconds(500), "9/500ms"),
    ])
    func aRateIsACountAndATime(text: String, count: Int, period: Duration, written: String) throws {
        let rate = try #require(Rate(text))
        #expect(rate == Rate(count: count, period: period))
        #expect(rate.description == written)
        #expect(Rate(written) == rate)
    }

    @Test(arguments: [
        "", "/", "10", "10/", "/s", "0/s", "-1/s", "1000001/s", "x/s", "1/x", "1/0s", "1/366d", "1/s/s", "1.5/s",
    ])
    func whatIsNoRateIsRefused(text: String) {
        #expect(Rate(text) == nil)
        #expect(
            problems("[groups.x]\n\nrate = \"\(text)\"") == [
                "c:3: groups.x.rate: expected a rate such as \"10/s\" or \"5/10s\", COUNT/TIME with COUNT from 1 to 1000000, "
                    + "found \"\(text)\""
            ])
    }

    // MARK: Commands

    @Test func everyKeyOfACommandSetsItsValue() throws {
        let toml = """
            [commands.backup]
            argv = ["/bin/backup", "{level}", "{{}}", "{ratio}", "{full}", "{target}", "{mode}"]
            summary = "Saves \\"all\\""
            directory = "/var"
            stdin = "input"
            group = "disk"
            timeout = "1h"
            max-attempts = 0
            crash-policy = "hold"
            success-statuses = [0, 24]
            kill-grace = "0s"
            output-limit = 0
            journal-output = false
            environment = { TZ = "UTC", "a.b" = "" }
            [commands.backup.arguments]
            input = "string"
            level = { type = "integer", minimum = -1, maximum = 9, default = 1 }
            ratio = { type = "number", minimum = 0, maximum = 0.5 }
            full = "boolean"
            target = "path"
            mode.type = "string"
            mode.one-of = ["a", "b"]
            """
        var expected = CommandSettings()
        expected.argv = ["/bin/backup", "{level}", "{{}}", "{ratio}", "{full}", "{target}", "{mode}"]
        expected.summary = "Saves \"all\""
        expected.directory = "/var"
        expected.stdin = "input"
        expected.group = "disk"
        expected.timeout = .seconds(3600)
        expected.maxAttempts = 0
        expected.crashPolicy = .hold
        expected.successStatuses = [0, 24]
        expected.killGrace = .zero
        expected.outputLimit = 0
        expected.journalOutput = false
        expected.environment = ["TZ": "UTC", "a.b": ""]
        var level = CommandArgument(.integer)
        (level.minimum, level.maximum, level.defaultValue) = (.integer(-1), .integer(9), .integer(1))
        var ratio = CommandArgument(.number)
        (ratio.minimum, ratio.maximum) = (.integer(0), .number(0.5))
        var mode = CommandArgument(.string)
        mode.choices = [.text("a"), .text("b")]
        expected.arguments = [
            "input": CommandArgument(.string), "level": level, "ratio": ratio, "full": CommandArgument(.boolean),
            "target": CommandArgument(.path), "mode": mode,
        ]
        let configuration = try Configuration(toml: toml, file: "c")
        #expect(configuration.commands == ["backup": expected])
        #expect(try Configuration(toml: configuration.render(), file: "c") == configuration)
        #expect(CommandSettings.keys.allSatisfy { $0.render(expected) != $0.defaultValue }, "a key is not tried")
    }

    @Test(arguments: [
        ("argv = 1", "argv: expected an array of at least one of strings, found an integer"),
        ("argv = []", "argv: expected an array of at least one of strings, found an empty one"),
        ("argv = [\"/a\", 1]", "argv: expected an array of at least one of strings, found an integer in it"),
        ("argv = [\"a\"]", "argv: expected the absolute path of a program as its first element, found \"a\""),
        ("argv = [\"/{a}\"]", "argv: expected the absolute path of a program as its first element, found \"/{a}\""),
        ("argv = [\"/a\", \"{b}\"]", "argv: there is no argument b; declare it in arguments"),
        ("argv = [\"/a\", \"{\"]", "argv: a lone { in \"{\"; write two for one brace"),
        ("argv = [\"/a\", \"{}\"]", "argv: a lone { in \"{}\"; write two for one brace"),
        ("argv = [\"/a\", \"x}\"]", "argv: a lone } in \"x}\"; write two for one brace"),
        ("summary = \"a\"", "argv: missing"),
        ("argv = [\"/a\"]\nstdin = \"b\"", "stdin: there is no argument b; declare it in arguments"),
        ("argv = [\"/a\"]\nargvs = 1", "argvs: unknown key; did you mean argv?"),
        (
            "argv = [\"/a\"]\narguments = { b = \"string\" }",
            "arguments.b: is not used; write {b} where it goes in argv, or remove it"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = \"int\" }",
            "arguments.b: expected one of \"string\", \"integer\", \"number\", \"boolean\", \"path\", found \"int\""
        ),
        ("argv = [\"/a\", \"{b}\"]\narguments = { b = {} }", "arguments.b.type: missing"),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = 1 }",
            "arguments.b: expected one of \"string\", \"integer\", \"number\", \"boolean\", \"path\", found an integer"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"path\", minimum = 1 } }",
            "arguments.b.minimum: only integers and numbers have a smallest and a largest"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"integer\", maximum = 1.5 } }",
            "arguments.b.maximum: expected an integer, found a number"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"integer\", minimum = 2, maximum = 1 } }",
            "arguments.b.maximum: is less than minimum"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"integer\", minimum = 2, default = 1 } }",
            "arguments.b.default: 1 is less than 2"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"integer\", one-of = [1, \"x\"] } }",
            "arguments.b.one-of: expected an integer, found a string"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"path\", default = \"x\" } }",
            "arguments.b.default: must be an absolute path"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"string\", default = inf } }",
            "arguments.b.default: expected a string, a number, true or false, found a floating-point number"
        ),
        (
            "argv = [\"/a\", \"{b}\"]\narguments = { b = { type = \"string\", minimun = 1 } }",
            "arguments.b.minimun: unknown key; did you mean minimum?"
        ),
        (
            "argv = [\"/a\"]\narguments = { \"b c\" = \"string\" }",
            "arguments.\"b c\": not a possible name; it must be letters, digits, _ and -"
        ),
        ("argv = [\"/a\"]\nenvironment = { A = 1 }", "environment.A: expected a string, found an integer"),
        (
            "argv = [\"/a\"]\ncrash-policy = \"never\"",
            "crash-policy: expected one of \"rerun\", \"fail\", \"hold\", found \"never\""
        ),
        (
            "argv = [\"/a\"]\ntimeout = \"0s\"",
            "timeout: expected a time such as \"10s\" or \"1min 30s\", from 1ms to 3650d, found 0s"
        ),
        ("argv = [\"/a\"]\ngroup = \"\"", "group: expected a name of 1 to 1024 bytes, found \"\""),
        (
            "argv = [\"/a\", \"{b}\"]\nstdin = \"b\"\narguments = { b = \"integer\" }",
            "stdin: the argument must be of the type \"string\""
        ),
    ])
    func aWrongCommandIsRefused(keys: String, problem: String) {
        let found = problems("[commands.x]\n\(keys)")
        #expect(found.map { $0.replacing(/^c:\d+: commands\.x\./, with: "") } == [problem])
    }

    @Test(arguments: ["echo", "exec", "a b", "ä", "\(String(repeating: "x", count: 65))", ""])
    func aCommandHasANameOfItsOwn(name: String) {
        let found = problems("[commands.\"\(name)\"]\nargv = [\"/bin/true\"]")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("c:1: commands.") == true)
        #expect(
            found.first?.hasSuffix(
                "not a possible name; it must be 1 to 64 letters, digits, . _ or -, and no kind of its own") == true)
    }

    @Test func problemsHaveTheLinesOfTheirKeys() {
        let toml = """
            [groups.x]
            limit = 0

            [commands.a]
            summary = "no program"

            [commands.b]
            argv = [
                "/bin/true",
                "{levels}",
            ]

            [commands.b.arguments]
            # A comment.
            level = { type = "integer", minimum = 2,  default = 1 }
            """
        #expect(
            problems(toml) == [
                "c:2: groups.x.limit: expected an integer from 1 to 1000000, found 0",
                "c:4: commands.a.argv: missing",
                "c:8: commands.b.argv: there is no argument levels; did you mean level?",
                "c:15: commands.b.arguments.level.default: 1 is less than 2",
            ])
    }

    // MARK: Several files

    @Test func dropInsChangeSingleKeysOfATable() throws {
        let folder = try TemporaryFolder([
            "corund.toml": """
            [groups.x]
            limit = 1
            [commands.a]
            argv = ["/bin/a", "{b}"]
            summary = "first"
            arguments = { b = "string" }
            environment = { A = "1", B = "1" }
            """,
            "conf.d/1.toml": "groups.x.rate = \"1/s\"\n[commands.a]\nsummary = \"second\"",
            "conf.d/2.toml": "[commands.a]\nenvironment = { B = \"2\" }\narguments = { b = \"path\" }",
        ])
        let configuration = try Configuration.load(file: folder.file("corund.toml"), isRequired: true)
        #expect(configuration.groups["x"]?.limit == 1)
        #expect(configuration.groups["x"]?.rate == Rate(count: 1, period: .seconds(1)))
        let command = try #require(configuration.commands["a"])
        #expect(command.argv == ["/bin/a", "{b}"] && command.summary == "second")
        #expect(command.environment == ["A": "1", "B": "2"])
        #expect(command.arguments == ["b": CommandArgument(.path)])
    }

    @Test func aProblemOfSeveralFilesTogetherIsToldWhereTheKeyWasSetLast() throws {
        let folder = try TemporaryFolder([
            "corund.toml": "[commands.a]\nargv = [\"/bin/a\"]\n",
            "conf.d/1.toml": "\n[commands.a]\nargv = [\"/bin/a\", \"{b}\"]",
            "conf.d/2.toml": "[commands.a]\nsummary = \"x\"",
        ])
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: folder.file("corund.toml"), isRequired: true)
        }
        #expect(
            error.description
                == "\(folder.file("conf.d/1.toml")):3: commands.a.argv: there is no argument b; declare it in arguments"
        )
    }

    @Test func whatIsMissingBecauseItsFileWasRefusedIsNoNews() throws {
        let folder = try TemporaryFolder(["corund.toml": "[", "conf.d/1.toml": "[commands.a]\nsummary = \"x\""])
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: folder.file("corund.toml"), isRequired: true)
        }
        #expect(error.problems.count == 1 && error.problems.first?.line == 1)
    }

    @Test func aReloadNamesTheTablesThatDiffer() throws {
        let before = try Configuration(
            toml: "[groups.a]\nlimit = 1\n[groups.b]\n[commands.c]\nargv = [\"/bin/c\"]", file: "")
        let after = try Configuration(toml: "[groups.a]\nlimit = 2\n[groups.b]\n[groups.\"d e\"]", file: "")
        #expect(after.keysThatDiffer(from: before) == ["groups.a", "groups.\"d e\"", "commands.c"])
        #expect(after.keysThatDiffer(from: after) == [])
    }
}
