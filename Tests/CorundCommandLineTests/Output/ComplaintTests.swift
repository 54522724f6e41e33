import CorundAPI
import CorundCommandLine
import CorundLoop
import SystemPackage
import Testing
import Varlink

@Suite("Complaints say what was wrong, where, and what to do")
struct ComplaintTests {
    private func text(_ error: any Error, isAttached: Bool = false) -> String {
        Complaint(error, isAttached: isAttached)?.text ?? ""
    }

    private func unreachable(_ errno: Errno) -> String {
        text(ClientError.unreachable(path: "/run/x.sock", SystemCallError("connect", errno: errno)))
    }

    @Test("a daemon that is not there")
    func unreachable() {
        #expect(
            unreachable(.noSuchFileOrDirectory).hasPrefix(
                "cannot connect to /run/x.sock: No such file or directory. Is the daemon running? "))
        #expect(
            unreachable(.connectionRefused).contains("Connection refused. The daemon that made the socket has ended."))
        #expect(unreachable(.permissionDenied).contains("Permission denied. The socket's owner and group may connect"))
    }

    @Test("a daemon that ends meanwhile")
    func connectionClosed() {
        #expect(text(ClientError.connectionClosed).hasPrefix("the daemon closed the connection before it answered. "))
        #expect(
            text(ClientError.connectionClosed, isAttached: true)
                == "the daemon closed the connection before the job had ended. It has ended, or one of its limits was "
                + "exceeded (message-size, connections-per-uid, less without a role): its log tells")
    }

    @Test("a path that leads to no socket, or could not be one's")
    func noSocket() {
        let error = { ClientError.unreachable(path: $0, SystemCallError("connect", errno: $1)) }
        #expect(text(error("/etc/passwd", .connectionRefused)).contains("refused. That is no socket. Start it"))
        #expect(text(error("/x", .fileNameTooLong)).hasSuffix("Linux allows 107 bytes for the path of a socket"))
    }

    @Test(
        "what a parameter must be is said, wherever it stands",
        arguments: ["key", "submission.key", "submissions[3].key"])
    func rules(path: String) throws {
        let error = VarlinkError(
            "org.varlink.service.InvalidParameter", parameters: try RawJSON(validating: #"{"parameter":"\#(path)"}"#))
        let words = "`\(path)`: it has 1 to 1024 bytes, and no NUL; no job of another kind or with other arguments"
        #expect(text(error).contains(words))
    }

    @Test("a name that is empty can be seen")
    func emptyNames() {
        #expect(text(JobsError.noSuchJob(id: "")) == #"there is no job "", or it has been forgotten"#)
        #expect(text(JobsError.unknownJob(job: "")).hasPrefix(#"there is no kind of job called "";"#))
    }

    private static let replies: [(String, String, String)] = [
        ("org.varlink.service.PermissionDenied", "{}", "does not permit you to do that. Ask its administrator"),
        (
            "org.varlink.service.PermissionDenied", #"{"message":"Pause needs the role operate"}"#,
            "the daemon does not permit that: Pause needs the role operate"
        ),
        ("org.varlink.service.InvalidParameter", #"{"parameter":"limit"}"#, "the parameter `limit`"),
        ("org.varlink.service.ExpectedMore", "{}", "--more"),
        ("org.varlink.service.MethodNotFound", #"{"method":"a.b.C"}"#, "no a.b.C"),
        ("org.varlink.service.InterfaceNotFound", #"{"interface":"a.b"}"#, "no a.b"),
        ("a.b.C", #"{"x": 1}"#, #"the daemon answered a.b.C {"x":1}"#),
    ]

    @Test("error replies", arguments: replies)
    func reply(name: String, parameters: String, words: String) throws {
        #expect(text(VarlinkError(name, parameters: try RawJSON(validating: parameters))).contains(words))
    }

    @Test("errors of the service, and a daemon that nobody can find")
    func service() {
        #expect(text(ServiceError.noSuchGroup(group: "g")).contains("no group called g"))
        #expect(
            text(ServiceError.configurationInvalid(file: "/c", line: 3, message: "unknown key"))
                == "/c:3: unknown key; the configuration stays as it was")
        #expect(
            text(ServiceError.configurationInvalid(file: "/c", line: 0, message: "cannot be read"))
                == "/c: cannot be read; the configuration stays as it was")
        let nobody = text(NoDaemonError(tried: ["/a", "/b"]))
        for words in ["no /a and no /b", "CORUND_SOCKET", "--socket", "systemctl start corund"] {
            #expect(nobody.contains(words))
        }
        #expect(
            text(StillWaitingError("job 17 has not ended", within: .seconds(90)))
                == "job 17 has not ended within 1m30s")
    }

    @Test("what is waited for while the daemon is away")
    func waiting() {
        #expect(Complaint.waiting(after: JobsError.draining).hasPrefix("the daemon is ending; waiting"))
        #expect(Complaint.waiting(after: ClientError.connectionClosed).hasPrefix("the daemon is gone; waiting"))
    }

    @Test("a job's own words cannot play with the terminal")
    func hostileText() {
        let failure = Failure(kind: "K", message: "\u{1B}[2J", attempt: 1)
        #expect(text(JobsError.jobFailed(id: "1", failure: failure)) == #"the job failed: \u{1B}[2J (K)"#)
    }

    @Test("arguments")
    func arguments() {
        #expect(text(ArgumentsError.notAPair("x")).contains("`x` is not name=value"))
        #expect(text(ArgumentsError.repeated(name: "a")) == "the argument a is given twice")
        #expect(
            text(ArgumentsError.tooLarge(source: "standard input", limit: 16 << 20))
                == "standard input holds more than 16 MiB")
    }

    @Test("nothing is said when nobody reads, or the status has been explained")
    func silence() {
        #expect(Complaint(OutputError.closed) == nil)
        #expect(Complaint(ExitStatus.failure) == nil)
        #expect(
            text(OutputError.failed(SystemCallError("write", errno: .noSpace)))
                == "cannot write the output: No space left on device")
        #expect(
            text(OutputError.failed(SystemCallError("open", errno: .noSuchFileOrDirectory, subject: "/no/file")))
                == "cannot write /no/file: No such file or directory")
    }
}
