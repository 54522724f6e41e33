import CorundAPI
import CorundCommandLine
import Testing
import Varlink

@Suite("Commands about jobs that have ended, and more ways to submit", .timeLimit(.minutes(1)))
struct RetryRemoveTests {
    @Test("retry prints the ids, goes on after a job that cannot be, and says which")
    func retry() async throws {
        let answers: [FakeDaemon.Answer] = [
            .reply(#"{"id":"1"}"#), .error("io.corund.Jobs.InvalidState", #"{"id":"2","state":"running"}"#),
            .reply(#"{"id":"3"}"#),
        ]
        try await withDaemon(["Retry": answers]) { daemon async throws in
            let outcome = try await corundControl("retry", "1", "2", "3", daemon: daemon)
            let errors = "corund-ctl: job 2 is running, which does not allow that\n"
            #expect(outcome == .init(status: 1, output: "1\n3\n", errors: errors))
            #expect(daemon.received.map(\.parameters) == (1...3).map { #"{"id":"\#($0)"}"# })
        }
    }

    @Test("remove says how many are forgotten; that some were not there is 66")
    func remove() async throws {
        try await withDaemon(["Remove": [.reply(#"{"removed":2}"#), .reply(#"{"removed":1}"#)]]) {
            daemon async throws in
            let both = try await corundControl("remove", "1", "2", "1", daemon: daemon)
            #expect(both == .init(status: 0, output: "2 removed\n", errors: ""))
            let one = try await corundControl("remove", "1", "2", daemon: daemon)
            let errors = "corund-ctl: 1 of the jobs were not there\n"
            #expect(one == .init(status: 66, output: "1 removed\n", errors: errors))
            #expect(daemon.received.last == .init("io.corund.Jobs.Remove", #"{"ids":["1","2"]}"#))
        }
    }

    @Test("remove and retry say what the daemon refuses")
    func refused() async throws {
        let error = FakeDaemon.Answer.error("io.corund.Jobs.NoSuchJob", #"{"id":"1"}"#)
        try await withDaemon(["Remove": [error], "Retry": [error]]) { daemon async throws in
            #expect(try await corundControl("remove", "1", daemon: daemon).status == 66)
            #expect(try await corundControl("retry", "1", daemon: daemon).status == 66)
        }
    }

    @Test("submit --wait prints the id at once, then how the job ended, and exits as it did")
    func submitAndWait() async throws {
        let answers: [String: [FakeDaemon.Answer]] = [
            "Submit": [.reply(#"{"id":"17","created":true}"#)],
            "Wait": [.reply(#"{"job":\#(Wire.job("timed_out"))}"#)],
        ]
        try await withDaemon(answers) { daemon async throws in
            let outcome = try await corundControl(
                "submit", "--wait", "--delay", "1min", "--max-attempts", "0", "x", daemon: daemon)
            #expect(outcome == .init(status: 124, output: "17\n17 timed_out\n", errors: ""))
            let submission = #"{"submission":{"job":"x","delay_ms":60000,"max_attempts":0}}"#
            #expect(
                daemon.received == [
                    .init("io.corund.Jobs.Submit", submission), .init("io.corund.Jobs.Wait", #"{"id":"17"}"#),
                ])
        }
    }

    @Test("--not-before takes a time of day, in the time zone that there is")
    func timeOfDay() async throws {
        try await withDaemon(["Submit": [.reply(#"{"id":"17","created":true}"#)]]) { daemon async throws in
            // Eastern time without its daylight saving, by the sign that POSIX gives it.
            let environment = ["CORUND_SOCKET": daemon.socket, "TZ": "EST5"]
            let before = Timestamp.now
            let outcome = try await CommandProcess(["submit", "--not-before", "03:40", "x"], environment: environment)
                .end()
            #expect(outcome.status == 0)
            let parameters = try RawJSON(validating: daemon.received.first?.parameters ?? "")
            let start = try #require(try parameters.decode([String: Submission].self)["submission"]?.notBefore)
            #expect(start.description.contains("T08:40:00.000000Z"))
            #expect(start > before)
            #expect(start.microseconds - before.microseconds <= 86_400_000_000 + 60_000_000)
        }
    }
}
