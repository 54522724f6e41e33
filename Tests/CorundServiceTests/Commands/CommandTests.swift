import CorundAPI
import Testing
import Varlink

@testable import CorundLoop
@testable import CorundService

struct CommandTests {
    private func command(_ argv: [String], _ arguments: String = "", _ more: String = "") throws -> Command {
        let words = argv.map(TOMLText.string).joined(separator: ", ")
        let toml = "[commands.x]\nargv = [\"/bin/x\", \(words)]\n\(more)\n[commands.x.arguments]\n\(arguments)"
        let settings = try Configuration(toml: toml, file: "c").commands["x"]
        return try Command(name: "x", #require(settings))
    }

    /// The elements after the program.
    private func elements(_ command: Command, _ json: String) throws -> [String] {
        Array(try command.program(for: RawJSON(validating: json)).arguments.dropFirst())
    }

    private func refusal(_ command: Command, _ json: String) -> ArgumentProblem? {
        do { _ = try command.program(for: RawJSON(validating: json)) } catch { return error as? ArgumentProblem }
        return nil
    }

    // MARK: Types

    @Test(arguments: [
        ("string", #""a b""#, "a b"), ("string", #""""#, ""),
        ("string", #""$HOME `id` 'q' \"d\" \n é""#, "$HOME `id` 'q' \"d\" \n é"),
        ("integer", "42", "42"), ("integer", "4.2e1", "42"), ("integer", "9223372036854775807", "9223372036854775807"),
        ("number", "0.50", "0.50"), ("number", "1e3", "1e3"), ("number", "7", "7"), ("boolean", "true", "true"),
        ("boolean", "false", "false"), ("path", #""/a b/c..d/...""#, "/a b/c..d/..."), ("path", #""/""#, "/"),
    ])
    func aValueOfTheTypeIsPassedOn(type: String, json: String, element: String) throws {
        let command = try command(["{a}"], "a = \"\(type)\"")
        #expect(try elements(command, "{\"a\":\(json)}") == [element])
    }

    @Test(arguments: [
        ("string", "1", "expected a string, found 1"), ("string", "[]", "expected a string, found an array"),
        ("string", #""a\u0000b""#, "must not have a NUL in it"),
        ("integer", "\"1\"", "expected an integer, found a string"),
        ("integer", "1.5", "expected an integer, found 1.5"),
        ("boolean", "1", "expected a boolean, found 1"),
        ("number", "true", "expected a number, found a boolean"), ("path", #""a""#, "must be an absolute path"),
        ("path", #""""#, "must be an absolute path"), ("path", #""/a/../b""#, "must be a path without .. in it"),
        ("path", #""/..""#, "must be a path without .. in it"), ("path", #""/a\u0000""#, "must not have a NUL in it"),
    ])
    func aValueOfAnotherTypeIsRefused(type: String, json: String, message: String) throws {
        let command = try command(["{a}"], "a = \"\(type)\"")
        let problem = try #require(refusal(command, "{\"a\":\(json)}"))
        #expect(problem.path == "a")
        #expect(problem.message == message)
    }

    @Test func aPathIsNoLongerThanTheKernelTakes() throws {
        let command = try command(["{a}"], "a = \"path\"")
        for (length, isAllowed) in [(4095, true), (4096, false)] {
            let path = "/" + String(repeating: "x", count: length - 1)
            #expect((refusal(command, "{\"a\":\"\(path)\"}") == nil) == isAllowed)
        }
    }

    @Test(arguments: [
        (#"{ type = "integer", minimum = -2, maximum = 5 }"#, "-3", "-3 is less than -2"),
        (#"{ type = "integer", minimum = -2, maximum = 5 }"#, "6", "6 is more than 5"),
        (#"{ type = "number", minimum = 0, maximum = 0.5 }"#, "0.6", "0.6 is more than 0.5"),
        (#"{ type = "number", minimum = 0, maximum = 0.5 }"#, "-1e-9", "-1e-09 is less than 0"),
        (#"{ type = "string", one-of = ["a", "b c"] }"#, "\"c\"", "must be one of a, b c"),
        (#"{ type = "integer", one-of = [1, 2] }"#, "3", "must be one of 1, 2"),
    ])
    func aValueOutsideOfWhatIsAllowedIsRefused(type: String, json: String, message: String) throws {
        let command = try command(["{a}"], "a = \(type)")
        #expect(refusal(command, "{\"a\":\(json)}") == ArgumentProblem(path: "a", message: message))
    }

    @Test func whatIsAtTheBoundsIsAllowed() throws {
        let command = try command(
            ["{a}", "{b}"],
            """
            a = { type = "integer", minimum = -2, maximum = 5 }
            b = { type = "number", one-of = [1, 0.5] }
            """)
        #expect(try elements(command, #"{"a":-2,"b":1}"#) == ["-2", "1"])
        #expect(try elements(command, #"{"a":5,"b":0.5}"#) == ["5", "0.5"])
    }

    // MARK: Which arguments

    @Test func defaultsStandInForWhatIsNotSaid() throws {
        let command = try command(
            ["{a}", "{b}", "{c}"],
            """
            a = { type = "integer", default = 7 }
            b = { type = "number", default = 0.25 }
            c = { type = "boolean", default = false }
            """)
        #expect(try elements(command, "{}") == ["7", "0.25", "false"])
        #expect(try elements(command, #"{"a":null,"c":true}"#) == ["7", "0.25", "true"])
    }

    @Test func anArgumentWithoutADefaultMustBeGiven() throws {
        let command = try command(["{a}"], "a = \"string\"")
        for json in ["{}", #"{"a":null}"#] {
            #expect(refusal(command, json) == ArgumentProblem(path: "a", message: "missing"))
        }
    }

    @Test func anArgumentThatThereIsNotIsRefused() throws {
        let command = try command(["{target}"], "target = \"string\"")
        #expect(
            refusal(command, #"{"target":"x","taget":"y"}"#)
                == ArgumentProblem(path: "taget", message: "there is no such argument; did you mean target?"))
        #expect(
            refusal(try self.command([]), #"{"x":1}"#)
                == ArgumentProblem(path: "x", message: "there is no such argument"))
    }

    @Test(arguments: ["[]", "1", "\"a\"", "null"])
    func whatIsNoObjectIsRefused(json: String) throws {
        #expect(refusal(try command([]), json)?.path == "")
    }

    // MARK: Options

    @Test func anArgumentIsNoOption() throws {
        let arguments = "a = \"string\"\nb = { type = \"string\", default = \"\" }"
        let refused = ArgumentProblem(
            path: "a", message: "must not begin with -, or the program would take it for an option")
        #expect(refusal(try command(["{a}", "{b}"], arguments), #"{"a":"--force"}"#) == refused)
        #expect(refusal(try command(["{a}.gz", "{b}"], arguments), #"{"a":"-x"}"#) == refused)
        #expect(refusal(try command(["{a}-x", "{b}"], arguments), #"{"a":""}"#) == refused)
        #expect(try elements(command(["--a={a}", "{b}"], arguments), #"{"a":"--force"}"#) == ["--a=--force", ""])
        #expect(try elements(command(["./{a}", "{b}"], arguments), #"{"a":"-x"}"#) == ["./-x", ""])
        #expect(try elements(command(["-{a}", "{b}"], arguments), #"{"a":"-x"}"#) == ["--x", ""])
    }

    @Test func afterTwoDashesThereAreNoOptions() throws {
        let command = try command(["{b}", "--", "{a}"], "a = \"string\"\nb = \"string\"")
        #expect(try elements(command, #"{"a":"-x","b":"y"}"#) == ["y", "--", "-x"])
        #expect(refusal(command, #"{"a":"y","b":"-x"}"#)?.path == "b")
        #expect(refusal(command, #"{"a":"-x","b":"--"}"#)?.path == "b", "the submitter's own do not count")
    }

    @Test func aNegativeNumberIsOneThatTheAdministratorExpects() throws {
        let plain = try command(["{a}"], "a = \"integer\"")
        #expect(refusal(plain, #"{"a":-1}"#)?.path == "a")
        let declared = try command(["{a}"], "a = { type = \"integer\", minimum = -10 }")
        #expect(try elements(declared, #"{"a":-1}"#) == ["-1"])
    }

    @Test func whatTheConfigurationItselfSaysMayBeAnOption() throws {
        let arguments = """
            a = { type = "string", one-of = ["-l", "-a", ""] }
            b = { type = "string", default = "-x" }
            c = { type = "integer", one-of = [-1, 1] }
            """
        let command = try command(["{a}{b}", "{b}", "{c}"], arguments)
        #expect(try elements(command, #"{"a":"-l","c":-1}"#) == ["-l-x", "-x", "-1"])
        #expect(refusal(command, #"{"a":"-l","b":"-y","c":1}"#)?.path == "b", "the submitter's own")
        #expect(refusal(command, #"{"a":"","b":"-y","c":1}"#)?.path == "a", "what comes after nothing")
    }

    // MARK: The program

    @Test func theProgramIsWhatTheAdministratorSays() throws {
        let command = try command(
            ["{a}"], "a = \"string\"\ninput = \"string\"",
            "stdin = \"input\"\ndirectory = \"/var\"\nenvironment = { A = \"1\" }")
        let program = try command.program(for: RawJSON(validating: #"{"a":"b","input":"x\u0000y"}"#))
        #expect(
            program
                == Program(
                    path: "/bin/x", arguments: ["/bin/x", "b"], environment: ["A": "1"], directory: "/var",
                    input: [UInt8(ascii: "x"), 0, UInt8(ascii: "y")]))
    }

    @Test func anEnvironmentThatIsNotConfiguredIsSmall() throws {
        #expect(
            try command([]).program(for: .emptyObject).environment
                == ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"])
        #expect(try command([], "", "environment = {}").program(for: .emptyObject).environment == [:])
    }

    @Test func theSchemaSaysWhatIsChecked() throws {
        let command = try command(
            ["{a}", "{b}", "{c}"],
            """
            a = "path"
            b = { type = "integer", minimum = 0, maximum = 9, default = 1 }
            c = { type = "string", one-of = ["x", "y"] }
            """)
        let schema = try #require(command.argumentsSchema)
        struct Schema: Decodable, Equatable {
            var type: String
            var properties: [String: Schema]?
            var required: [String]?
            var additionalProperties: Bool?
            var pattern: String?
            var minimum: Int?
            var maximum: Int?
            var `default`: Int?
            var `enum`: [String]?
        }
        #expect(
            try schema.decode(Schema.self)
                == Schema(
                    type: "object",
                    properties: [
                        "a": Schema(type: "string", pattern: "^/"),
                        "b": Schema(type: "integer", minimum: 0, maximum: 9, default: 1),
                        "c": Schema(type: "string", enum: ["x", "y"]),
                    ], required: ["a", "c"], additionalProperties: false))
    }

    @Test func settingsThatNoFileCouldHaveAreRefused() throws {
        var settings = CommandSettings()
        let error = try #require(throws: ConfigurationError.self) { try Command(name: "x", settings) }
        #expect(error.description == "configuration: commands.x.argv: missing")
        settings.argv = ["/bin/true"]
        #expect(throws: ConfigurationError.self) { try Command(name: "echo", settings) }
        var configuration = Configuration()
        configuration.commands["echo"] = settings
        #expect(throws: ConfigurationError.self) { try JobRegistry.stock(configuration, environment: [:]) }
    }
}
