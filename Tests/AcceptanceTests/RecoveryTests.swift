import CorundAPI
import Foundation
import Glibc
import TestSupport
import Testing
import Varlink

/// A daemon that dies or ends, and the next one in its folder.
struct RecoveryTests {
    // MARK: Death

    @Test func whatWasAnsweredIsThereAfterTheDaemonsDeath() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let client = try daemon.connect()
            let ended = [
                try client.submit("echo", #"{"a":  1.50}"#, #","key":"k","labels":{"a":"b"}"#),
                try client.submit("fail", #"{"message":"no"}"#),
            ]
            for id in ended { _ = try client.job("Wait", id) }
            let removed = try client.submit("echo")
            _ = try client.job("Wait", removed)
            let running = try client.submit("sleep", #"{"seconds":1000}"#, #","priority":100"#)
            #expect(try client.hasBegun(running))
            let delayed = try client.submit("echo", "{}", #","delay_ms":1000000,"priority":-5"#)
            let dated = try client.submit("echo", "{}", #","not_before":"2999-12-31T23:59:59.999999Z""#)
            let queued = try [0, 10, 0, -10].map { try client.submit("count", "{}", #","priority":\#($0)"#) }
            let ids = ended + [delayed, dated] + queued
            let before = try ids.map { try client.call("Jobs.Get", #"{"id":"\#($0)"}"#).text }
            let events = try client.events(ended[0], from: 2)
            #expect(
                try client.call("Jobs.Remove", #"{"ids":["\#(removed)"]}"#).text == #"{"parameters":{"removed":1}}"#)

            let next = try daemon.crash()
            let other = try next.connect()
            #expect(try ids.map { try other.call("Jobs.Get", #"{"id":"\#($0)"}"#).text } == before)
            #expect(try other.events(ended[0], from: 2) == events)
            #expect(try other.call("Jobs.Get", #"{"id":"\#(removed)"}"#).error == "io.corund.Jobs.NoSuchJob")
            let again = try other.call(
                "Jobs.Submit", #"{"submission":{"job":"echo","arguments":{"a":  1.50},"key":"k"}}"#)
            #expect(try again.decode(SubmitResult.self).id == ended[0])
            #expect(try again.decode(SubmitResult.self).created == false)
            #expect(try other.hasBegun(running))
            #expect(try other.job("Get", running).attempt == 2)
            #expect(try other.job("Cancel", other: running) == .cancelled)
            let counts = try queued.map { try other.job("Wait", $0).result?.description }
            #expect(counts == [2, 1, 3, 4].map { #"{"count":\#($0)}"# }, "the order of the queue is another one")
            let fresh = try other.submit("echo")
            #expect(try #require(Int(fresh)) > #require(Int(queued[3])), "an id was given again")
        }
    }

    @Test func theNumberOfARemovedJobIsNotGivenAgain() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let id = try client.submit("echo")
            _ = try client.job("Wait", id)
            #expect(try client.call("Jobs.Remove", #"{"ids":["\#(id)"]}"#).error == nil)
            let next = try daemon.crash()
            #expect(try next.connect().submit("echo") != id)
        }
    }

    /// Killed while many submit and wait, at another point each time.
    @Test(arguments: [1, 40, 300, 900])
    func nothingThatWasAnsweredIsLost(answers: Int) throws {
        try TestDaemon.run { daemon in
            let (client, waiter) = (try daemon.connect(), try daemon.connect())
            for number in 0..<1000 {
                client.start("Jobs.Submit", #"{"submission":{"job":"echo","arguments":\#(number)}}"#)
            }
            var ids: [String] = []
            var ended: [Job] = []
            while ids.count < answers {
                ids.append(try client.receive().decode(SubmitResult.self).id)
                if ids.count % 20 == 1 { ended.append(try waiter.job("Wait", ids[ids.count - 1])) }
            }
            let next = try daemon.crash()
            let other = try next.connect()
            for job in ended { #expect(try other.job("Get", job.id) == job) }
            for (number, id) in ids.enumerated() {
                #expect(try other.job("Wait", id).result?.description == "\(number)")
            }
        }
    }

    // MARK: Policies

    @Test func aJobThatRanIsTreatedAsItsKindSays() throws {
        try TestDaemon.runMisbehaving { daemon in
            let client = try daemon.connect()
            let kinds = ["rerun", "fail", "hold", "fleeting"]
            let ids = try kinds.map { try client.submit("sleep-\($0)", #"{"seconds":1000}"#) }
            #expect(try daemon.waitForJobs("running", 4) == 4)
            for id in ids[..<3] { #expect(try client.logged(id, "attempt 1")) }

            let next = try daemon.crash()
            let other = try next.connect()
            #expect(try other.logged(ids[0], "attempt 2"))
            let jobs = try ids.map { try other.job("Get", $0) }
            #expect(jobs.map(\.state) == [.running, .failed, .interrupted, .interrupted])
            #expect(jobs[1].failure?.message == "the daemon died while it ran, and it must not run twice")
            #expect(jobs[2].failure?.message.hasPrefix("held: the daemon died while it ran") == true)
            #expect(jobs[3].failure?.message == "the daemon ended, and jobs of this kind do not survive it")
            #expect(try other.call("Jobs.Retry", #"{"id":"\#(ids[2])"}"#).error == nil)
            #expect(try other.logged(ids[2], "attempt 2"))
        }
    }

    @Test func aJobThatKillsTheDaemonIsHeldAfterThreeTimes() throws {
        try TestDaemon.runMisbehaving { daemon in
            let client = try daemon.connect()
            let bystander = try client.submit("echo", "{}", #","delay_ms":1000000"#)
            client.start("Jobs.Submit", #"{"submission":{"job":"kill"}}"#)
            #expect(try daemon.program.wait() == .exited(9))
            for _ in 0..<2 {
                // It may be dead before it can say that it is ready.
                #expect(try daemon.beginAgain().program.wait() == .exited(9))
            }
            let last = try daemon.startAgain()
            let other = try last.connect()
            let job = try other.job("Get", "\(try #require(Int(bystander)) + 1)")
            #expect(job.state == .interrupted)
            #expect(job.failure?.message == "held: 3 daemons died while it ran; `corund-ctl retry` runs it again")
            #expect(job.attempts?.count == 3)
            #expect(try other.job("Get", bystander).state == .scheduled)
            #expect(try other.isServed())
        }
    }

    // MARK: An end in good order

    @Test func anEndInGoodOrderCostsNoAttemptAndTheJobRunsAgain() throws {
        try TestDaemon.runMisbehaving(["DAEMON_DRAIN_MS": "0"]) { daemon in
            let client = try daemon.connect()
            let ids = try ["rerun", "fail", "hold"].map { try client.submit("sleep-\($0)", #"{"seconds":1000}"#) }
            for id in ids { #expect(try client.logged(id, "attempt 1")) }
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))

            let next = try daemon.startAgain()
            let other = try next.connect()
            #expect(try other.logged(ids[0], "attempt 1", times: 2))
            let jobs = try ids.map { try other.job("Get", $0) }
            #expect(jobs.map(\.state) == [.running, .failed, .interrupted])
            #expect(jobs.map(\.attempt) == [1, 0, 0])
            #expect(jobs.map { $0.attempts?.map(\.state) } == [[.interrupted], [.interrupted], [.interrupted]])
        }
    }

    @Test func whoeverWaitsOverTheEndIsToldAndFindsTheResultAfterIt() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let (client, waiter, watcher) = (try daemon.connect(), try daemon.connect(), try daemon.connect())
            _ = try client.submit("sleep", #"{"seconds":0.5}"#)
            let id = try client.submit("echo", "[7]")
            waiter.start("Jobs.Wait", #"{"id":"\#(id)"}"#)
            watcher.start("Jobs.Watch", #"{"id":"\#(id)"}"#, flags: #","more":true"#)
            #expect(try watcher.receive().decode(EventResult.self).event.state == .queued)
            #expect(try daemon.connect().isAnswered())
            daemon.stop()
            for client in [waiter, watcher] { #expect(try client.receive().error == "io.corund.Jobs.Draining") }
            #expect(try daemon.program.wait() == .exited(0))

            let next = try daemon.startAgain()
            let other = try next.connect()
            #expect(try other.job("Wait", id).result?.description == "[7]")
            #expect(try other.events(id, from: 2) == [.running, .succeeded])
        }
    }

    @Test func aSecondSignalLeavesWhatRunsToTheNextDaemon() throws {
        try TestDaemon.run(#"drain-timeout = "1000s""#) { daemon in
            let client = try daemon.connect()
            let id = try client.submit("sleep", #"{"seconds":1000}"#)
            #expect(try client.jobThatRuns(id).attempt == 1)
            daemon.stop()
            try daemon.manager.wait(for: "STOPPING=1")
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))
            let next = try daemon.startAgain()
            #expect(try next.connect().jobThatRuns(id).attempt == 1)
        }
    }
}

extension WireClient {
    /// The states that a job has come into, as a watcher is told from that event on.
    fileprivate func events(_ id: String, from sequence: Int) throws -> [JobState] {
        try stream("Jobs.Watch", #"{"id":"\#(id)","from":\#(sequence)}"#).compactMap {
            try $0.decode(EventResult.self).event.state
        }
    }

    /// The job, as soon as its start is on disk: the daemon counts it among the running ones before that.
    fileprivate func jobThatRuns(_ id: String) throws -> Job {
        let deadline = ContinuousClock.now + Program.guardTime
        while ContinuousClock.now < deadline {
            let job = try job("Get", id)
            if job.state == .running { return job }
        }
        throw Program.TimedOut(what: "job \(id) running")
    }

    /// Waits until the job has logged that text, so many times.
    fileprivate func logged(_ id: String, _ text: String, times: Int = 1) throws -> Bool {
        let watcher = try WireClient(path: path)
        watcher.start("Jobs.Watch", #"{"id":"\#(id)"}"#, flags: #","more":true"#)
        var found = 0
        while found < times {
            let reply = try watcher.receive()
            guard reply.continues else { return false }
            if try reply.decode(EventResult.self).event.message?.text == text { found += 1 }
        }
        return true
    }

    fileprivate func job(_ method: String, other id: String) throws -> JobState {
        try call("Jobs.\(method)", #"{"id":"\#(id)"}"#).decode(CancelResult.self).state
    }

    fileprivate func isAnswered() throws -> Bool { try call("Service.Health").error == nil }
}
