import CorundAPI
import TestSupport
import Testing
import Varlink

/// Every error of the interface that can occur, as it is on the wire.
struct ErrorTests {
    private static func jobs(_ error: String, _ parameters: String) -> String {
        #"{"error":"io.corund.Jobs.\#(error)","parameters":\#(parameters)}"#
    }

    private static func standard(_ error: String, _ parameters: String) -> String {
        #"{"error":"org.varlink.service.\#(error)","parameters":\#(parameters)}"#
    }

    @Test(arguments: [
        ("Jobs.Run", #"{"job":"nothing"}"#, jobs("UnknownJob", #"{"job":"nothing"}"#)),
        ("Jobs.Run", #"{"job":""}"#, jobs("UnknownJob", #"{"job":""}"#)),
        ("Jobs.Submit", #"{"submission":{"job":"nothing"}}"#, jobs("UnknownJob", #"{"job":"nothing"}"#)),
        ("Jobs.SubmitMany", #"{"submissions":[{"job":"nothing"}]}"#, jobs("UnknownJob", #"{"job":"nothing"}"#)),
        ("Jobs.Get", #"{"id":"99"}"#, jobs("NoSuchJob", #"{"id":"99"}"#)),
        ("Jobs.Wait", #"{"id":"x"}"#, jobs("NoSuchJob", #"{"id":"x"}"#)),
        ("Jobs.Cancel", #"{"id":""}"#, jobs("NoSuchJob", #"{"id":""}"#)),
        (
            "Jobs.Run", #"{"job":"sleep","arguments":{"seconds":"long"}}"#,
            jobs("InvalidArguments", #"{"job":"sleep","path":"seconds","message":"expected a number, found a string"}"#)
        ),
        (
            "Jobs.Submit", #"{"submission":{"job":"sleep","arguments":{}}}"#,
            jobs("InvalidArguments", #"{"job":"sleep","path":"seconds","message":"missing"}"#)
        ),
        (
            "Jobs.Run", #"{"job":"sleep","arguments":{"seconds":-1}}"#,
            jobs("InvalidArguments", #"{"job":"sleep","path":"seconds","message":"must not be negative"}"#)
        ),
        (
            "Jobs.Run", #"{"job":"fail","arguments":{"message":"so","kind":"Planned"}}"#,
            jobs("JobFailed", #"{"id":"1","failure":{"kind":"Planned","message":"so","attempt":1}}"#)
        ),
        (
            "Jobs.Run", #"{"job":"sleep","arguments":{"seconds":1000},"timeout_ms":50}"#,
            jobs("JobTimedOut", #"{"id":"1","timeout_ms":50}"#)
        ),
        ("Jobs.Watch", #"{"id":"1"}"#, standard("ExpectedMore", "{}")),
        ("Jobs.Run", "{}", standard("InvalidParameter", #"{"parameter":"job"}"#)),
        ("Jobs.Run", #"{"job":5}"#, standard("InvalidParameter", #"{"parameter":"job"}"#)),
        ("Jobs.Run", #"{"job":"echo","keep":"yes"}"#, standard("InvalidParameter", #"{"parameter":"keep"}"#)),
        ("Jobs.Run", #"{"job":"echo","timeout_ms":0}"#, standard("InvalidParameter", #"{"parameter":"timeout_ms"}"#)),
        ("Jobs.Run", #"{"job":"echo","context":""}"#, standard("InvalidParameter", #"{"parameter":"context"}"#)),
        ("Jobs.Run", "[]", standard("InvalidParameter", #"{"parameter":"parameters"}"#)),
        ("Jobs.Submit", "{}", standard("InvalidParameter", #"{"parameter":"submission"}"#)),
        (
            "Jobs.Submit", #"{"submission":{"job":"echo","priority":"high"}}"#,
            standard("InvalidParameter", #"{"parameter":"submission.priority"}"#)
        ),
        (
            "Jobs.Submit", #"{"submission":{"job":"echo","labels":{"a":5}}}"#,
            standard("InvalidParameter", #"{"parameter":"submission.labels.a"}"#)
        ),
        (
            "Jobs.Submit", #"{"submission":{"job":"echo","not_before":"soon"}}"#,
            standard("InvalidParameter", #"{"parameter":"submission.not_before"}"#)
        ),
        (
            "Jobs.SubmitMany", #"{"submissions":[{"job":"echo"},{"job":"echo","max_attempts":-1}]}"#,
            standard("InvalidParameter", #"{"parameter":"submissions[1].max_attempts"}"#)
        ),
        ("Jobs.List", #"{"limit":0}"#, standard("InvalidParameter", #"{"parameter":"limit"}"#)),
        ("Jobs.List", #"{"limit":1001}"#, standard("InvalidParameter", #"{"parameter":"limit"}"#)),
        ("Jobs.List", #"{"before":"x"}"#, standard("InvalidParameter", #"{"parameter":"before"}"#)),
        ("Jobs.List", #"{"states":["done"]}"#, standard("InvalidParameter", #"{"parameter":"states[0]"}"#)),
        ("Jobs.Cancel", #"{"id":"1","grace_ms":-1}"#, standard("InvalidParameter", #"{"parameter":"grace_ms"}"#)),
        ("Service.Drain", #"{"timeout_ms":-1}"#, standard("InvalidParameter", #"{"parameter":"timeout_ms"}"#)),
        ("Jobs.Retry", #"{"id":"1"}"#, jobs("NoSuchJob", #"{"id":"1"}"#)),
        ("Jobs.Dance", "{}", standard("MethodNotFound", #"{"method":"io.corund.Jobs.Dance"}"#)),
        ("Music.Play", "{}", standard("InterfaceNotFound", #"{"interface":"io.corund.Music"}"#)),
    ])
    func aCallIsAnsweredWithItsError(method: String, parameters: String, reply: String) throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            #expect(try client.call(method, parameters).text == reply)
            #expect(try client.isServed())
        }
    }

    @Test func watchingWhatIsNotThereIsNoSuchJob() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let unknown = try client.stream("Jobs.Watch", #"{"id":"9"}"#)
            #expect(unknown.map(\.text) == [Self.jobs("NoSuchJob", #"{"id":"9"}"#)])
            let id = try client.submit("echo")
            let wrong = try client.stream("Jobs.Watch", #"{"id":"\#(id)","from":0}"#)
            #expect(wrong.map(\.text) == [Self.standard("InvalidParameter", #"{"parameter":"from"}"#)])
        }
    }

    @Test func anAttachedJobThatCancelsItselfOrIsInterruptedIsToldSo() throws {
        try TestDaemon.run(#"drain-timeout = "0s""#) { daemon in
            let client = try daemon.connect()
            client.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":1000}}"#)
            #expect(try daemon.waitForJobs("running", 1) == 1)
            daemon.stop()
            #expect(try client.receive().text == Self.jobs("JobInterrupted", #"{"id":"1"}"#))
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func aFullQueueIsSaidWithItsLimit() throws {
        try TestDaemon.run("running-limit = 1\nqueue-length = 1") { daemon in
            let client = try daemon.connect()
            let sleep = #"{"seconds":1000}"#
            _ = try client.submit("sleep", sleep)
            _ = try client.submit("sleep", sleep)
            let full = Self.jobs("QueueFull", #"{"limit":1,"retry_after_ms":500}"#)
            #expect(try client.call("Jobs.Run", #"{"job":"echo"}"#).text == full)
            #expect(try client.call("Jobs.Submit", #"{"submission":{"job":"echo"}}"#).text == full)
            #expect(try client.call("Jobs.SubmitMany", #"{"submissions":[{"job":"echo"}]}"#).text == full)
            let health = try client.call("Service.Health").decode(Health.self)
            #expect(health.live)
            #expect(!health.ready)
            #expect(health.reasons == ["queue full: 1 job waits"])
        }
    }

    /// Many encoders write a slash, or what is not ASCII, as an escape.
    @Test func namesMayBeEscaped() throws {
        try TestDaemon.runMisbehaving { daemon in
            let client = try daemon.connect()
            for name in ["größe/maß", #"gr\u00f6\u00dfe\/ma\u00df"#] {
                #expect(try client.call("Jobs.Run", #"{"job":"\#(name)"}"#).text == #"{"parameters":{"result":{}}}"#)
                let id = try client.submit(name)
                #expect(try client.job("Wait", id).state == .succeeded)
            }
            let unknown = try client.call("Jobs.Run", #"{"job":"ma\u00df\n"}"#)
            #expect(unknown.text == Self.jobs("UnknownJob", #"{"job":"maß\n"}"#))
        }
    }
}
