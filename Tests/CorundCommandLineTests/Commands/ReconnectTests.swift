import Glibc
import TestSupport
import Testing

@Suite("A daemon that is started anew", .timeLimit(.minutes(1)))
struct ReconnectTests {
    /// Runs the command against a daemon with the first answers, ends that one when it has been called, and starts
    /// another one with the second answers at the same place.
    private func outcome(
        of arguments: [String], _ first: [String: [FakeDaemon.Answer]], then second: [String: [FakeDaemon.Answer]]
    ) async throws -> (CommandProcess.Outcome, second: [FakeDaemon.Received]) {
        let place = try TemporaryFolder()
        let before = try FakeDaemon(first, in: place)
        let process = try CommandProcess(arguments, environment: ["CORUND_SOCKET": before.socket])
        for await _ in before.calls { break }
        before.stop()
        let after = try FakeDaemon(second, in: place)
        defer { after.stop() }
        return (try await process.end(), after.received)
    }

    private let gone = "corund-ctl: the daemon is gone; waiting for it to come back (Ctrl-C gives up)\n"

    @Test("watch goes on with the next event: none is missed, none comes twice")
    func watch() async throws {
        let first = [Wire.event(1, #""state":"queued""#), Wire.event(2, #""state":"running""#)]
        // The daemon tells the last one again.
        let rest = [first[1], Wire.event(3, #""progress":{"fraction":1}"#), Wire.event(4, #""state":"succeeded""#)]
        let (outcome, received) = try await outcome(
            of: ["watch", "17"], ["Watch": [.beginning(first)]], then: ["Watch": [.replies(rest)]])
        let lines = ["queued", "running", "100%", "succeeded"].map { "\(Wire.time) \($0)\n" }
        #expect(outcome == .init(status: 0, output: lines.joined(), errors: gone))
        #expect(received == [.init("io.corund.Jobs.Watch", #"{"id":"17","from":3}"#, wantsMore: true)])
    }

    @Test("wait asks again, and exits as the job did")
    func wait() async throws {
        let (outcome, received) = try await outcome(
            of: ["wait", "17"], ["Wait": [.silence]], then: ["Wait": [.reply(#"{"job":\#(Wire.job("timed_out"))}"#)]])
        #expect(outcome == .init(status: 124, output: "17 timed_out\n", errors: gone))
        #expect(received == [.init("io.corund.Jobs.Wait", #"{"id":"17"}"#)])
    }

    @Test("a job that the new daemon does not know is not waited for")
    func forgotten() async throws {
        let (outcome, _) = try await outcome(
            of: ["wait", "17"], ["Wait": [.silence]],
            then: ["Wait": [.error("io.corund.Jobs.NoSuchJob", #"{"id":"17"}"#)]])
        #expect(outcome.status == 66)
    }

    @Test("one that is draining is asked again, too")
    func draining() async throws {
        let answers: [FakeDaemon.Answer] = [
            .error("io.corund.Jobs.Draining"), .reply(#"{"job":\#(Wire.job("succeeded"))}"#),
        ]
        try await withDaemon(["Wait": answers]) { daemon async throws in
            let outcome = try await corundControl("wait", "17", daemon: daemon)
            #expect(outcome.status == 0)
            #expect(outcome.output == "17 succeeded\n")
            #expect(outcome.errors.hasPrefix("corund-ctl: the daemon is ending; waiting"))
        }
    }

    @Test("exec goes on with the program's output, and exits as the program did")
    func exec() async throws {
        func output(_ sequence: Int, _ base64: String) -> String {
            Wire.event(sequence, #""output":{"stream":"stdout","base64":"\#(base64)"}"#)
        }
        var failed = #","failure":{"kind":"Exited","message":"exit status 9","attempt":1,"status":9}"#
        failed = #"{"job":\#(Wire.job("failed", failed))}"#
        let rest = [output(2, "dHdvCg=="), Wire.event(3, #""state":"failed""#)]
        let place = try TemporaryFolder()
        let before = try FakeDaemon(
            ["Submit": [.reply(#"{"id":"17","created":true}"#)], "Watch": [.beginning([output(1, "b25lCg==")])]],
            in: place)
        let process = try CommandProcess(["exec", "--", "make"], environment: ["CORUND_SOCKET": before.socket])
        for await call in before.calls where call.method.hasSuffix("Watch") { break }
        before.stop()
        let after = try FakeDaemon(["Watch": [.replies(rest)], "Get": [.reply(failed)]], in: place)
        defer { after.stop() }
        #expect(try await process.end() == .init(status: 9, output: "one\ntwo\n", errors: gone))
    }

    @Test("--no-reconnect does not wait for it", arguments: ["wait", "watch"])
    func noReconnect(command: String) async throws {
        try await withDaemon(["Wait": [.end], "Watch": [.end]]) { daemon async throws in
            let outcome = try await corundControl(command, "--no-reconnect", "17", daemon: daemon)
            #expect(outcome.status == 69)
            #expect(outcome.errors.hasPrefix("corund-ctl: the daemon closed the connection before it answered."))
        }
    }

    @Test("--timeout bounds the wait, with the daemon and without it", arguments: ["wait", "watch"])
    func timeout(command: String) async throws {
        for answer in [FakeDaemon.Answer.silence, .end] {
            try await withDaemon(["Wait": [answer], "Watch": [answer]]) { daemon async throws in
                let outcome = try await corundControl(command, "--timeout", "300ms", "17", daemon: daemon)
                #expect(outcome.status == 124)
                #expect(outcome.errors.hasSuffix("corund-ctl: job 17 has not ended within 300ms\n"))
            }
        }
    }

    @Test("a daemon that was never there is not waited for", arguments: ["wait", "watch"])
    func neverThere(command: String) async throws {
        let outcome = try await CommandProcess([command, "17", "--socket", "/nowhere/s"]).end()
        #expect(outcome.status == 69)
    }
}
