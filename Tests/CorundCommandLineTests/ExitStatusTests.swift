import CorundAPI
import CorundCommandLine
import CorundLoop
import SystemPackage
import Testing
import Varlink

@Suite("The exit status is a contract")
struct ExitStatusTests {
    private static let failure = Failure(kind: "Oops", message: "it broke", attempt: 1)

    private static let jobsErrors: [(JobsError, Int32)] = [
        (.unknownJob(job: "x"), 66), (.noSuchJob(id: "1"), 66),
        (.invalidArguments(job: "x", path: "a", message: "m"), 65),
        (.jobFailed(id: "1", failure: failure), 1), (.invalidState(id: "1", state: .running), 1),
        (.jobCancelled(id: "1", reason: nil), 130), (.jobTimedOut(id: "1", timeoutMilliseconds: 5), 124),
        (.jobInterrupted(id: "1"), 143), (.draining, 75), (.queueFull(limit: 1, retryAfterMilliseconds: 1), 75),
        (.storageUnavailable(message: "full"), 75),
    ]

    @Test("every error of the interface has its number", arguments: jobsErrors)
    func jobsError(error: JobsError, number: Int32) {
        #expect(ExitStatus(error).rawValue == number)
        #expect(ExitStatus(error, isAttached: true).rawValue == number)
    }

    private static let standardErrors: [(String, Int32)] = [
        ("org.varlink.service.PermissionDenied", 77), ("io.corund.Jobs.PermissionDenied", 77),
        ("org.varlink.service.InvalidParameter", 65), ("org.varlink.service.ExpectedMore", 64),
        ("org.varlink.service.MethodNotFound", 76), ("org.varlink.service.MethodNotImplemented", 76),
        ("org.varlink.service.InterfaceNotFound", 76), ("com.example.Whatever", 1),
    ]

    @Test("so have the other error replies", arguments: standardErrors)
    func standardError(name: String, number: Int32) {
        #expect(ExitStatus(VarlinkError(name)).rawValue == number)
    }

    @Test("and those of the service")
    func serviceError() {
        #expect(ExitStatus(ServiceError.noSuchGroup(group: "g")).rawValue == 66)
        #expect(ExitStatus(ServiceError.configurationInvalid(file: "f", line: 1, message: "m")).rawValue == 1)
    }

    @Test(
        "a program that failed gives its own status, where it is one",
        arguments: [(nil, 1), (0, 1), (1, 1), (2, 2), (137, 137), (255, 255), (256, 1), (-1, 1)])
    func program(status: Int?, number: Int32) throws {
        var failure = Self.failure
        failure.status = status
        #expect(ExitStatus(JobsError.jobFailed(id: "1", failure: failure)).rawValue == number)
        let text = #"""
            {"id":"1","job":"exec","state":"failed","attempt":1,"max_attempts":1,"context":"","group":"","priority":0,
            "labels":{},"owner_uid":0,"submitted_at":"2026-11-21T03:40:00Z"}
            """#
        var job = try RawJSON(validating: text).decode(Job.self)
        job.failure = failure
        #expect(ExitStatus(job)?.rawValue == number)
        job.state = .cancelled
        #expect(ExitStatus(job)?.rawValue == 130)
    }

    private static func unreachable(_ errno: Errno) -> ClientError {
        .unreachable(path: "/s", SystemCallError("connect", errno: errno))
    }

    @Test("a daemon that cannot be reached is 69, one that may not be is 77")
    func unreachable() {
        for errno in [Errno.noSuchFileOrDirectory, .connectionRefused, .notDirectory] {
            #expect(ExitStatus(Self.unreachable(errno)).rawValue == 69)
        }
        #expect(ExitStatus(Self.unreachable(.permissionDenied)).rawValue == 77)
        #expect(ExitStatus(Self.unreachable(.notPermitted)).rawValue == 77)
        #expect(ExitStatus(NoDaemonError(tried: [])).rawValue == 69)
        #expect(ExitStatus(NoAnswerError(path: "/s", limit: .seconds(1))).rawValue == 69)
    }

    @Test("a daemon that ends before it answers has interrupted an attached job, and is unreachable otherwise")
    func connectionClosed() {
        #expect(ExitStatus(ClientError.connectionClosed, isAttached: true).rawValue == 143)
        #expect(ExitStatus(ClientError.connectionClosed).rawValue == 69)
    }

    @Test("what is no daemon's matter has numbers of its own")
    func local() {
        #expect(ExitStatus(ArgumentsError.notAPair("x")).rawValue == 65)
        #expect(ExitStatus(BatchInputError("f", line: 1, "m")).rawValue == 65)
        #expect(ExitStatus(BatchError(JobsError.draining, of: nil, in: "f", BatchAccount())).rawValue == 75)
        #expect(ExitStatus(StillWaitingError("it", within: .seconds(1))).rawValue == 124)
        #expect(ExitStatus(OutputError.closed).rawValue == 141)
        #expect(ExitStatus(OutputError.failed(SystemCallError("write", errno: .noSpace))).rawValue == 74)
        #expect(ExitStatus(ClientError.violation("?")).rawValue == 76)
        #expect(
            ExitStatus(DecodingError.valueNotFound(Int.self, .init(codingPath: [], debugDescription: ""))).rawValue
                == 76)
        #expect(ExitStatus(SystemCallError("epoll_create1", errno: .tooManyOpenFiles)).rawValue == 71)
        #expect(ExitStatus(ExitStatus.timedOut) == .timedOut)
    }

    @Test("a job that ended has a number, one that has not has none")
    func states() {
        let numbers = JobState.allCases.map { ExitStatus($0)?.rawValue }
        #expect(numbers == [nil, nil, nil, 0, 1, 130, 124, 143])
    }
}
