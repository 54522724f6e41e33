import CorundAPI
import CorundRunner
import TestSupport
import Testing
import Varlink

struct JobTests {
    // MARK: Attached

    @Test(arguments: [#"{"hello":"world"}"#, "[1, 2.50,  3e2]", "null", #""é\n""#, "18446744073709551616"])
    func anAttachedJobIsAnsweredWithItsResultByteForByte(arguments: String) throws {
        try TestDaemon.run { daemon in
            let reply = try daemon.connect().call("Jobs.Run", #"{"job":"echo","arguments":\#(arguments)}"#)
            let expected = arguments == "null" ? "{}" : arguments
            #expect(reply.text == #"{"parameters":{"result":\#(expected)}}"#)
        }
    }

    @Test func jobsOfOneConnectionAreAnsweredInOrderWhicheverEndsFirst() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            for number in 0..<50 {
                client.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":\#(Double(50 - number) / 100)}}"#)
                client.start("Jobs.Run", #"{"job":"echo","arguments":\#(number)}"#)
            }
            for number in 0..<50 {
                #expect(try client.receive().text == #"{"parameters":{"result":{}}}"#)
                #expect(try client.receive().text == #"{"parameters":{"result":\#(number)}}"#)
            }
        }
    }

    @Test func jobsOfOneConnectionRunAtOnce() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            for _ in 0..<50 { client.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":1000}}"#) }
            #expect(try daemon.waitForJobs("running", 50) == 50)
            #expect(try daemon.connect().statistics().tasks >= 50)
            client.close()
            #expect(try daemon.waitForJobs("cancelled", 50) == 50)
        }
    }

    @Test func aHangUpCancelsAnAttachedJob() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let (first, second) = (try daemon.connect(), try daemon.connect())
            first.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":1000}}"#)
            first.start("Service.Health")
            second.start("Jobs.Run", #"{"job":"echo"}"#)
            first.close()
            #expect(try second.receive().error == nil)  // there is room again
            let jobs = try second.statistics().jobs
            #expect(jobs["cancelled"] == 1)
            #expect(jobs["succeeded"] == 1)
        }
    }

    @Test func aHangUpCancelsAnAttachedJobThatWaits() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let (first, second) = (try daemon.connect(), try daemon.connect())
            let id = try second.submit("sleep", #"{"seconds":1000}"#)
            #expect(try second.hasBegun(id))
            first.start("Jobs.Run", #"{"job":"echo"}"#)
            #expect(try daemon.waitForJobs("queued", 2) == 2)
            first.close()
            #expect(try daemon.waitForJobs("cancelled", 1) == 1)
            #expect(try second.statistics().groups.map(\.queued) == [0])
            #expect(try second.job("Get", id).state == .running)
        }
    }

    @Test func aJobThatIsToBeKeptOutlivesItsCaller() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let (first, second) = (try daemon.connect(), try daemon.connect())
            first.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":0.3},"keep":true}"#)
            #expect(try daemon.waitForJobs("running", 1) == 1)
            first.close()
            #expect(try second.isServed())  // waits for the slot
            let jobs = try second.statistics().jobs
            #expect(jobs["cancelled"] == 0)
            #expect(jobs["succeeded"] == 2)
        }
    }

    @Test func aCallerThatOnlyStopsSendingIsAnswered() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            client.start("Jobs.Run", #"{"job":"sleep","arguments":{"seconds":0.1}}"#)
            client.finishSending()
            #expect(try client.receive().error == nil)
            #expect(try client.isClosedByPeer())
        }
    }

    @Test func aOnewayJobRunsWithoutAnAnswer() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            client.start("Jobs.Run", #"{"job":"count"}"#, flags: #","oneway":true"#)
            #expect(try client.call("Jobs.Run", #"{"job":"count"}"#).text == #"{"parameters":{"result":{"count":2}}}"#)
        }
    }

    // MARK: Detached

    @Test func aDetachedJobIsRecordedRunAndKept() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let id = try client.submit("echo", "[7]", #","labels":{"who":"me"},"priority":3"#)
            let job = try client.job("Wait", id)
            #expect(job.state == .succeeded)
            #expect(job.result?.description == "[7]")
            #expect(job.labels == ["who": "me"])
            #expect(job.priority == 3)
            #expect(try client.job("Get", id) == job)
            #expect(try daemon.connect().job("Wait", id) == job)
        }
    }

    @Test func aDetachedJobDoesNotCareForItsSubmitter() throws {
        try TestDaemon.run { daemon in
            let id = try daemon.connect().submit("sleep", #"{"seconds":0.2}"#)
            #expect(try daemon.connect().job("Wait", id).state == .succeeded)
        }
    }

    @Test func theSameKeyGivesTheSameJob() throws {
        try TestDaemon.run { daemon in
            let submission = #"{"submission":{"job":"count","key":"once"}}"#
            let client = try daemon.connect()
            #expect(try client.call("Jobs.Submit", submission).text == #"{"parameters":{"id":"1","created":true}}"#)
            #expect(
                try daemon.connect().call("Jobs.Submit", submission).text
                    == #"{"parameters":{"id":"1","created":false}}"#)
        }
    }

    @Test func manyWaitersAndWatchersAreAllAnswered() throws {
        try TestDaemon.run { daemon in
            let id = try daemon.connect().submit("sleep", #"{"seconds":1}"#)
            let waiters = try (0..<50).map { _ in try daemon.connect() }
            for (number, waiter) in waiters.enumerated() {
                if number % 2 == 0 {
                    waiter.start("Jobs.Wait", #"{"id":"\#(id)"}"#)
                } else {
                    waiter.start("Jobs.Watch", #"{"id":"\#(id)"}"#, flags: #","more":true"#)
                }
            }
            waiters[0].close()
            for (number, waiter) in waiters.enumerated().dropFirst() {
                if number % 2 == 0 {
                    #expect(try waiter.receive().decode(JobResult.self).job.state == .succeeded)
                } else {
                    let states = try (0..<3).map { _ in try waiter.receive().decode(EventResult.self).event.state }
                    #expect(states == [.queued, .running, .succeeded])
                }
            }
        }
    }

    @Test func watchingEndsWithTheFinalState() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let id = try client.submit("echo")
            let replies = try client.stream("Jobs.Watch", #"{"id":"\#(id)"}"#)
            let events = try replies.map { try $0.decode(EventResult.self).event }
            #expect(events.map(\.sequence) == [1, 2, 3])
            #expect(events.map(\.state) == [.queued, .running, .succeeded])
            #expect(replies.map(\.continues) == [true, true, false])
            for (from, sequences) in [(2, [2, 3]), (3, [3]), (99, [3])] {
                let later = try client.stream("Jobs.Watch", #"{"id":"\#(id)","from":\#(from)}"#)
                #expect(try later.map { try $0.decode(EventResult.self).event.sequence } == sequences)
            }
        }
    }

    @Test func jobsAreListedPageByPage() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let ids = try (1...25).map { _ in try client.submit("echo") }
            for id in ids { _ = try client.job("Wait", id) }
            _ = try client.submit("sleep", #"{"seconds":1000}"#)
            let first = try client.call("Jobs.List", #"{"limit":10}"#).decode(ListResult.self)
            #expect(first.jobs.map(\.id) == (17...26).reversed().map(String.init))
            #expect(first.next == "17")
            let second = try client.call("Jobs.List", #"{"limit":10,"before":"17"}"#).decode(ListResult.self)
            #expect(second.jobs.map(\.id) == (7...16).reversed().map(String.init))
            let pages = try client.stream("Jobs.List", #"{"limit":10,"states":["succeeded"]}"#)
            #expect(try pages.map { try $0.decode(ListResult.self).jobs.count } == [10, 10, 5])
            #expect(try pages.flatMap { try $0.decode(ListResult.self).jobs.map(\.id) } == ids.reversed())
            #expect(try client.call("Jobs.List", #"{"states":["failed"]}"#).text == #"{"parameters":{"jobs":[]}}"#)
        }
    }

    /// A page is never too large to be sent.
    @Test func largeJobsAreListedInSmallPages() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let large = "\"" + String(repeating: "x", count: 900_000) + "\""
            for _ in 0..<12 { _ = try client.submit("echo", large) }
            let pages = try client.stream("Jobs.List")
            let ids = try pages.flatMap { try $0.decode(ListResult.self).jobs.map(\.id) }
            #expect(ids == (1...12).reversed().map(String.init))
            #expect(pages.count > 1)
        }
    }

    // MARK: Cancellation

    @Test func aRunningJobIsCancelledAndWhoeverWaitsIsTold() throws {
        try TestDaemon.run { daemon in
            let (waiter, canceller) = (try daemon.connect(), try daemon.connect())
            let id = try canceller.submit("sleep", #"{"seconds":1000}"#)
            #expect(try canceller.hasBegun(id))
            waiter.start("Jobs.Wait", #"{"id":"\#(id)"}"#)
            let reply = try canceller.call("Jobs.Cancel", #"{"id":"\#(id)","reason":"enough"}"#)
            #expect(reply.text == #"{"parameters":{"state":"cancelled","stuck":false}}"#)
            let job = try waiter.receive().decode(JobResult.self).job
            #expect(job.failure == Failure(kind: "Cancelled", message: "enough", attempt: 1))
            // Once more: it stays what it is.
            #expect(try canceller.call("Jobs.Cancel", #"{"id":"\#(id)"}"#).text == reply.text)
        }
    }

    @Test func cancellingNeverWaitsBehindWork() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let client = try daemon.connect()
            let running = try client.submit("sleep", #"{"seconds":1000}"#)
            let queued = try client.submit("echo")
            let scheduled = try client.submit("echo", "{}", #","delay_ms":1000000"#)
            for id in [queued, scheduled, running] {
                let reply = try client.call("Jobs.Cancel", #"{"id":"\#(id)"}"#)
                #expect(reply.text == #"{"parameters":{"state":"cancelled","stuck":false}}"#)
            }
        }
    }

    @Test func aJobThatDoesNotEndIsReportedStuck() throws {
        try TestDaemon.runMisbehaving(["DAEMON_GRACE_MS": "100"]) { daemon in
            let client = try daemon.connect()
            let id = try client.submit("stubborn", #"{"seconds":1000}"#)
            #expect(try client.hasBegun(id))
            let reply = try client.call("Jobs.Cancel", #"{"id":"\#(id)","grace_ms":300}"#)
            #expect(reply.text == #"{"parameters":{"state":"running","stuck":true}}"#)
            let health = try client.call("Service.Health").decode(Health.self)
            #expect(health.ready)
            #expect(health.reasons == ["stuck: stubborn \(id)"])
        }
    }

    // MARK: Contexts

    @Test func jobsShareTheContextThatTheyName() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let contexts = [
                "", "", #","context":"isolated""#, #","context":"isolated""#, "", #","context":"mine""#, "",
            ]
            var counts: [String] = []
            for context in contexts { counts.append(try client.call("Jobs.Run", #"{"job":"count"\#(context)}"#).text) }
            #expect(counts == [1, 2, 1, 1, 3, 1, 4].map { #"{"parameters":{"result":{"count":\#($0)}}}"# })
            let listed = try client.call("Service.Contexts").decode(ContextsResult.self).contexts
            #expect(listed.map(\.name) == ["shared", "mine"])
            #expect(listed.map(\.variables) == [["counter": "4"], ["counter": "1"]])
        }
    }

    // MARK: The client of the library

    @Test func theClientSpeaksAllOfIt() throws {
        try TestDaemon.run { daemon in
            let path = daemon.socket
            try Runner.run {
                let client = try await Client.connect(to: path)
                let one = try RawJSON(validating: "[1]")
                #expect(try await client.run("echo", arguments: one) == one)
                let (id, isCreated) = try await client.submit(Submission(job: "echo", arguments: one))
                #expect(isCreated)
                #expect(try await client.wait(for: id).result == one)
                #expect(try await client.get(id).state == .succeeded)
                var states: [JobState?] = []
                let events = try client.watch(id)
                while let event = try await events.next() { states.append(event.state) }
                #expect(states == [.queued, .running, .succeeded])
                #expect(try await client.submit([Submission(job: "echo"), Submission(job: "count")]).count == 2)
                #expect(try await client.list().jobs.count == 3)
                #expect(try await client.kinds().map(\.name) == ["count", "echo", "exec", "fail", "sleep"])
                #expect(try await client.health().ready)
                #expect(try await client.statistics().connections == 1)
                #expect(try await client.contexts().map(\.name) == ["shared"])
                #expect(try await client.setDebug(true))
                #expect(try await client.setDebug(false) == false)
                let (sleeping, _) = try await client.submit(
                    Submission(job: "sleep", arguments: RawJSON(encoding: ["seconds": 1000])))
                let (state, isStuck) = try await client.cancel(sleeping, reason: "enough", grace: .seconds(10))
                #expect(state == .cancelled)
                #expect(!isStuck)
                await #expect(throws: JobsError.noSuchJob(id: "0")) { _ = try await client.get("0") }
                let left = try client.drain()
                while let count = try await left.next() { #expect(count == 0) }
                client.close()
            }
            #expect(try daemon.program.wait() == .exited(0))
        }
    }
}

extension TestDaemon {
    /// Waits until so many jobs came into a state: nothing tells of attached ones, so it is asked again and again.
    func waitForJobs(_ state: String, _ count: Int) throws -> Int {
        let client = try connect()
        let deadline = ContinuousClock.now + Program.guardTime
        while ContinuousClock.now < deadline {
            let found = try client.statistics().jobs[state] ?? 0
            if found >= count { return found }
        }
        throw Program.TimedOut(what: "\(count) jobs \(state)")
    }
}
