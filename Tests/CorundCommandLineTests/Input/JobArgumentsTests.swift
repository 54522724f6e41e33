import CorundCommandLine
import CorundLoop
import SystemPackage
import TestSupport
import Testing
import Varlink

@Suite("A job's arguments on the command line")
struct JobArgumentsTests {
    private static let accepted: [([String], String)] = [
        (["{}"], "{}"), ([#" {"a" : [1, 2]} "#], #"{"a" : [1, 2]}"#), (["5"], "5"), (["null"], "null"),
        ([#""text""#], #""text""#), ([#""a=b""#], #""a=b""#), (["[1]"], "[1]"),
        (["count=3"], #"{"count":3}"#), (["count=3", "name=Ada"], #"{"count":3,"name":"Ada"}"#),
        (["id=007"], #"{"id":"007"}"#), ([#"id="7""#], #"{"id":"7"}"#), (["flag=true"], #"{"flag":true}"#),
        (["nothing=null"], #"{"nothing":null}"#), (["empty="], #"{"empty":""}"#), (["price=1.50"], #"{"price":1.50}"#),
        (["text=a=b"], #"{"text":"a=b"}"#), ([#"list=[1,"x"]"#], #"{"list":[1,"x"]}"#),
        (["object={\"a\": 1}"], #"{"object":{"a": 1}}"#), (["broken={a"], #"{"broken":"{a"}"#),
        (["n=-5"], #"{"n":-5}"#), (["x=NaN"], #"{"x":"NaN"}"#), (["ä=ö"], #"{"ä":"ö"}"#), (["q\"=1"], #"{"q\"":1}"#),
        (["file=@x", "dash=-"], #"{"file":"@x","dash":"-"}"#), (["line=a\nb"], #"{"line":"a\nb"}"#),
        (["two words=1"], #"{"two words":1}"#), (["n:=3"], #"{"n":3}"#), ([#"s:="3""#], #"{"s":"3"}"#),
        (["a:b=1"], #"{"a:b":1}"#), (["x=a:=b"], #"{"x":"a:=b"}"#),
    ]

    @Test("are JSON, or pairs that make an object", arguments: accepted)
    func json(words: [String], text: String) throws {
        #expect(try JobArguments(words) == .json(RawJSON(validating: text)))
    }

    @Test("are read from elsewhere: a file, standard input, nowhere")
    func elsewhere() throws {
        #expect(try JobArguments([]) == .none)
        #expect(try JobArguments(["-"]) == .standardInput)
        #expect(try JobArguments(["@arguments.json"]) == .file("arguments.json"))
        #expect(try JobArguments(["@a=b"]) == .file("a=b"))
    }

    private static let refused: [([String], ArgumentsError)] = [
        (["word"], .notAPair("word")), ([""], .notAPair("")), (["=1"], .notAPair("=1")),
        (["a=1", "b"], .notAPair("b")),
        (["{}", "a=1"], .notAPair("{}")), (["a=1", #"{"b":"="}"#], .notAPair(#"{"b":"="}"#)),
        (["-", "a=1"], .notAPair("-")), (["5", "6"], .notAPair("5")), (["a=1", "a=2"], .repeated(name: "a")),
        (["a=1", "a:=2"], .repeated(name: "a")), ([":=1"], .notAPair(":=1")),
        (
            ["a:=word"],
            .notJSONValue(
                "a:=word", JSONError(.unexpected(found: UInt8(ascii: "w"), expected: .value), at: 0))
        ),
        (
            ["{a=1}"],
            .notJSON(
                source: "the arguments", JSONError(.unexpected(found: UInt8(ascii: "a"), expected: .memberName), at: 1))
        ),
        (["{\"a\":1"], .notJSON(source: "the arguments", JSONError(.unexpectedEnd, at: 6))),
    ]

    @Test("are refused when they are neither", arguments: refused)
    func refusals(words: [String], error: ArgumentsError) {
        #expect(throws: error) { try JobArguments(words) }
    }

    @Test("a file that is not there, or holds something else, is named")
    func files() throws {
        #expect(
            throws: ArgumentsError.unreadable(
                source: "the file /nowhere/x", SystemCallError("open", errno: .noSuchFileOrDirectory))
        ) {
            try InputFile.json(atPath: "/nowhere/x")
        }
        let folder = try TemporaryFolder(["good": "{\"a\": 1}\n", "bad": "{a}"])
        #expect(try InputFile.json(atPath: folder.file("good")) == RawJSON(validating: #"{"a": 1}"#))
        let error = #expect(throws: ArgumentsError.self) { try InputFile.json(atPath: folder.file("bad")) }
        #expect(error.map { "\($0)" }?.contains(folder.file("bad")) == true)
    }
}
