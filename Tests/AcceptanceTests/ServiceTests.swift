import CorundAPI
import Glibc
import Testing
import Varlink

struct ServiceTests {
    @Test func healthIsAnsweredByTheLoop() throws {
        try TestDaemon.run { daemon in
            let health = try daemon.connect().call("Service.Health").decode(Health.self)
            #expect((health.live, health.ready, health.reasons) == (true, true, []))
            #expect((0..<1_000_000).contains(health.lastTickAgeMicroseconds))
        }
    }

    @Test func statisticsCountWhatWasDone() throws {
        try TestDaemon.run("running-limit = 3") { daemon in
            let client = try daemon.connect()
            for _ in 0..<10 { #expect(try client.isServed()) }
            _ = try client.call("Jobs.Run", #"{"job":"fail"}"#)
            _ = try client.submit("sleep", #"{"seconds":1000}"#, #","group":"disk""#)
            _ = try client.submit("sleep", #"{"seconds":1000}"#, #","group":"disk""#)
            _ = try client.submit("sleep", #"{"seconds":1000}"#)
            _ = try client.submit("sleep", #"{"seconds":1000}"#, #","group":"disk""#)
            _ = try client.submit("echo", "{}", #","delay_ms":1000000"#)
            let statistics = try client.statistics()
            #expect(
                statistics.jobs == [
                    "scheduled": 1, "queued": 15, "running": 14, "succeeded": 10, "failed": 1, "cancelled": 0,
                    "timed_out": 0, "interrupted": 0,
                ])
            #expect(statistics.groups.map(\.name) == ["disk", "sleep"])
            #expect(statistics.groups.map(\.running) == [2, 1])
            #expect(statistics.groups.map(\.queued) == [1, 0])
            #expect(statistics.submitToStart.count == 14)
            #expect(statistics.runTime.count == 11)
            #expect(statistics.connections == 1)
            #expect(statistics.ticks > 10)
            #expect(statistics.loopLag.count >= statistics.ticks - 1)
            #expect(statistics.timers >= 1)
            #expect(statistics.tasks >= 4)
            #expect(statistics.residentBytes > 1 << 20)
            #expect(!statistics.debug)
            #expect(!statistics.draining)
            #expect(statistics.version.split(separator: ".").count == 3)
            #expect((0..<60_000).contains(statistics.uptimeMilliseconds))
        }
    }

    @Test func aPauseHoldsTheQueueUntilItIsResumed() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            #expect(try client.call("Service.Pause", #"{"group":"echo"}"#).text == #"{"parameters":{}}"#)
            let id = try client.submit("echo", #"{"a":1}"#)
            #expect(try client.job("Get", id).state == .queued)
            #expect(
                try client.statistics().groups == [Group(name: "echo", running: 0, queued: 1, limit: nil, paused: true)]
            )
            let waiting = try daemon.connect()
            waiting.start("Jobs.Run", #"{"job":"echo","arguments":{"b":2}}"#)
            while try client.statistics().groups.map(\.queued) != [2] {}
            #expect(try client.call("Service.Resume").text == #"{"parameters":{}}"#)
            #expect(try waiting.receive().text.contains(#""b":2"#))
            #expect(try client.job("Wait", id).state == .succeeded)
        }
    }

    @Test func aPauseOfEverythingIsToldByTheNextDaemonToo() throws {
        try TestDaemon.run { daemon in
            #expect(try daemon.connect().call("Service.Pause").error == nil)
            let next = try daemon.crash()
            #expect(try next.connect().statistics().paused == true)
            #expect(next.program.output.contains("everything is paused, as an operator has wanted; `corund-ctl"))
            #expect(next.manager.heard.contains { $0.contains("STATUS=0 jobs run, 0 wait; everything is paused") })
            #expect(try next.connect().call("Service.Resume").error == nil)
            try next.manager.wait(for: "STATUS=0 jobs run, 0 wait")
        }
    }

    @Test(arguments: ["Pause", "Resume"])
    func aGroupThatNobodyKnowsIsAnError(method: String) throws {
        try TestDaemon.run { daemon in
            let reply = try daemon.connect().call("Service.\(method)", #"{"group":"nowhere"}"#)
            #expect(
                reply.text
                    == #"{"error":"io.corund.Service.NoSuchGroup","parameters":{"group":"nowhere"}}"#)
        }
    }

    @Test func theServiceTellsWhatItIs() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            client.send(#"{"method":"org.varlink.service.GetInfo"}"#)
            let info = try client.receive().text
            #expect(info.contains(#""interfaces":["io.corund.Jobs","io.corund.Service","org.varlink.service"]"#))
            client.send(
                #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"io.corund.Jobs"}}"#
            )
            struct Description: Decodable { let description: String }
            #expect(try client.receive().decode(Description.self).description == InterfaceText.jobs)
        }
    }

    @Test func kindsAreListedByName() throws {
        try TestDaemon.run { daemon in
            let kinds = try daemon.connect().call("Jobs.Kinds").decode(KindsResult.self).kinds
            #expect(kinds.map(\.name) == ["count", "echo", "exec", "fail", "sleep"])
            #expect(kinds.allSatisfy { !$0.summary.isEmpty && $0.group == $0.name && $0.maxAttempts == 1 })
        }
    }

    @Test func debugModeIsSwitched() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            #expect(
                try client.call("Service.SetDebug", #"{"enabled":true}"#).text == #"{"parameters":{"enabled":true}}"#)
            #expect(try client.statistics().debug)
            _ = try client.call("Service.SetDebug", #"{"enabled":false}"#)
            #expect(try !client.statistics().debug)
        }
    }

    // MARK: The service manager

    @Test func theServiceManagerIsToldWhatRuns() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let client = try daemon.connect()
            let id = try client.submit("sleep", #"{"seconds":1000}"#)
            try daemon.manager.wait(for: "STATUS=1 job runs, 0 wait")
            let second = try client.submit("echo", "{}", #","delay_ms":1000000"#)
            try daemon.manager.wait(for: "STATUS=1 job runs, 1 waits")
            _ = try client.call("Jobs.Cancel", #"{"id":"\#(second)"}"#)
            try daemon.manager.wait(for: "STATUS=1 job runs, 0 wait")
            _ = try client.call("Jobs.Cancel", #"{"id":"\#(id)"}"#)
            try daemon.manager.wait(for: "STATUS=0 jobs run, 0 wait")
            daemon.stop()
            let stopping = try daemon.manager.wait(for: "STOPPING=1")
            #expect(stopping.contains("EXTEND_TIMEOUT_USEC=330000000"))
        }
    }

    // MARK: A daemon of the library

    @Test func codeOfTheMainActorMakesProgress() throws {
        try TestDaemon.runMisbehaving { daemon in
            let reply = try daemon.connect().call("Jobs.Run", #"{"job":"main"}"#)
            #expect(reply.text == #"{"parameters":{"result":{"loopIsMain":false,"actorIsMain":true,"steps":100}}}"#)
        }
    }

    @Test func workThatNamesNoExecutorStaysOnTheLoop() throws {
        try TestDaemon.runMisbehaving { daemon in
            let reply = try daemon.connect().call("Jobs.Run", #"{"job":"elsewhere"}"#)
            #expect(reply.text == #"{"parameters":{"result":[true,true,true]}}"#)
        }
    }

    @Test func aHandlerKnowsItsJobAndTellsOfIt() throws {
        try TestDaemon.runMisbehaving { daemon in
            let client = try daemon.connect()
            let id = try client.submit("report")
            let job = try client.job("Wait", id)
            #expect(job.result?.description == #"{"id":"\#(id)","attempt":1}"#)
            #expect(job.progress == 1)
            let events = try client.stream("Jobs.Watch", #"{"id":"\#(id)"}"#).map {
                try $0.decode(EventResult.self).event
            }
            #expect(events.compactMap(\.message) == [Event.Message(level: "notice", text: "hello")])
            #expect(events.compactMap(\.progress?.fraction) == [0.25, 1])
            #expect(events.compactMap(\.progress?.note) == ["a quarter"])
        }
    }

    @Test func aKindsOwnAttemptsHold() throws {
        try TestDaemon.runMisbehaving { daemon in
            let client = try daemon.connect()
            let job = try client.job("Wait", try client.submit("second-time"))
            #expect(job.state == .succeeded)
            #expect(job.attempt == 2)
            #expect(job.failure == nil)
            #expect(job.attempts?.map(\.failure?.kind) == ["Odd"])
            let attached = try client.call("Jobs.Run", #"{"job":"second-time"}"#)
            #expect(attached.error == "io.corund.Jobs.JobFailed")  // its caller may try again
        }
    }

    // MARK: Inside

    @Test func theTasksOfJobsAreListedWithTheirJobs() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let id = try client.submit("sleep", #"{"seconds":1000}"#)
            #expect(try client.hasBegun(id))
            #expect(try client.isServed(), "this one's handler has its turn after the other's")
            let tasks = try client.call("Service.Tasks").decode(TasksResult.self).tasks
            let task = try #require(tasks.first { $0.job == id })
            #expect(task.name == "sleep \(id)")
            #expect(task.state == "waiting")
            #expect(task.context == "shared")
            #expect(!tasks.contains { $0.name == "carrier" })
        }
    }

    @Test func metricsCountWhatHasHappened() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            for _ in 0..<3 { #expect(try client.isServed()) }
            let lines = try client.call("Service.Metrics").decode(MetricsResult.self).text.split(separator: "\n")
            #expect(lines.contains(#"corund_job_states_total{state="succeeded"} 3"#))
            #expect(lines.contains("corund_job_run_seconds_count 3"))
            #expect(lines.contains("corund_connections 1"))
            #expect(lines.contains("corund_storage_available 1"))
            #expect(lines.contains { $0.hasPrefix("corund_build_info{version=") })
            let names = lines.filter { $0.hasPrefix("# TYPE") }.map { $0.split(separator: " ")[2] }
            #expect(Set(names).count == names.count, "a metric is there once")
        }
    }
}
