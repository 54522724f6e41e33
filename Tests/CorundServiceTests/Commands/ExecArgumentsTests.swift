import Glibc
import Testing
import Varlink

@testable import CorundLoop
@testable import CorundService

struct ExecArgumentsTests {
    private func program(_ json: String, _ environment: [String: String] = ["PATH": "/usr/bin:/bin"]) throws -> Program
    {
        try ExecArguments(RawJSON(validating: json)).program(inherited: environment)
    }

    @Test func aNameIsLookedForInThePATH() throws {
        #expect(try program(#"{"argv":["env","a"]}"#).path == "/usr/bin/env")
        #expect(try program(#"{"argv":["env","a"]}"#).arguments == ["env", "a"])
        #expect(try program(#"{"argv":["env"]}"#, ["PATH": "/etc::.:/usr:/usr/bin"]).path == "/usr/bin/env")
    }

    @Test func aPathStaysAsItIs() throws {
        #expect(try program(#"{"argv":["/no/such"]}"#).path == "/no/such")
        #expect(try program(#"{"argv":["./build"],"directory":"/src"}"#).path == "./build")
    }

    @Test(arguments: ["/usr/bin", "", ".", "bin"])
    func whatIsNotFoundIsAFailure(path: String) throws {
        let failure = try #require(throws: JobFailure.self) {
            try program(#"{"argv":["no-such-program"]}"#, ["PATH": path])
        }
        #expect(failure.kind == "ProgramNotFound" && failure.status == 127)
        #expect(failure.message == "there is no program no-such-program in the daemon's PATH, \(path)")
    }

    @Test func aPATHThatDependsOnWhereTheDaemonIsIsNotFollowed() {
        let path = String(repeating: "../", count: 20) + "usr/bin"
        #expect(throws: JobFailure.self) { try program(#"{"argv":["env"]}"#, ["PATH": path]) }
    }

    @Test func theEnvironmentIsTheDaemonsWithoutWhatIsForItAlone() throws {
        let inherited = [
            "PATH": "/bin", "HOME": "/root", "NOTIFY_SOCKET": "/x", "LISTEN_FDS": "1", "SWIFT_BACKTRACE": "enable=no",
        ]
        #expect(try program(#"{"argv":["/a"]}"#, inherited).environment == ["PATH": "/bin", "HOME": "/root"])
        #expect(
            try program(#"{"argv":["/a"],"environment":{"HOME":"/h","A":"b=c"}}"#, inherited).environment
                == ["PATH": "/bin", "HOME": "/h", "A": "b=c"])
    }

    @Test(arguments: [
        ("{}", "argv", "missing"), (#"{"argv":[]}"#, "argv", "must begin with a program"),
        (#"{"argv":[""]}"#, "argv", "must begin with a program"),
        (#"{"argv":["a",1]}"#, "argv[1]", "expected a string, found 1"),
        (#"{"argv":["a","b\u0000"]}"#, "argv[1]", "must not have a NUL in it"),
        (#"{"argv":["a"],"directory":"b"}"#, "directory", "must be an absolute path without a NUL in it"),
        (#"{"argv":["a"],"environment":{"A=":""}}"#, "environment.A=", "must have no NUL, and no = in its name"),
        (#"{"argv":["a"],"environment":{"A":1}}"#, "environment.A", "expected a string, found 1"),
        (#"{"argv":["a"],"dir":"/"}"#, "dir", "there is no such argument"),
        ("[]", "", "expected an object with an argument for each member"),
    ])
    func wrongArgumentsAreRefused(json: String, path: String, message: String) throws {
        let problem = try #require(throws: ArgumentProblem.self) { try ExecArguments(RawJSON(validating: json)) }
        #expect(problem == ArgumentProblem(path: path, message: message))
    }

    @Test func onlyTheDaemonsOwnUserMayHaveIt() throws {
        let kinds = try JobRegistry.stock(Configuration(), environment: [:]).kinds
        let exec = try #require(kinds["exec"])
        let own = geteuid()
        try exec.check(user: own)
        for other in [own + 1, own == 0 ? 1000 : 0] {
            let denial = #expect(throws: VarlinkError.self) { try exec.check(user: other) }
            #expect(denial?.name == VarlinkError.permissionDenied.name)
        }
        try #require(kinds["echo"]).check(user: own + 1)
        #expect(exec.options.crashPolicy == .fail)
    }
}
