import CorundAPI
import Foundation
import Glibc
import TestSupport
import Testing
import Varlink

struct EndTests {
    private static let interrupted = #"{"error":"io.corund.Jobs.JobInterrupted","parameters":{"id":"1"}}"#

    private static func start(_ job: String, _ arguments: String, _ client: WireClient, on daemon: TestDaemon) throws {
        client.start("Jobs.Run", #"{"job":"\#(job)","arguments":\#(arguments)}"#)
        #expect(try daemon.waitForJobs("running", 1) == 1)
    }

    // MARK: Jobs that end by themselves

    @Test func aRunningJobIsLetEndAndItsReplyIsDelivered() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            try Self.start("sleep", #"{"seconds":0.5}"#, client, on: daemon)
            daemon.stop()
            #expect(try client.receive().text == #"{"parameters":{"result":{}}}"#)
            #expect(try client.isClosedByPeer())
            #expect(try daemon.program.wait() == .exited(0))
            #expect(daemon.program.output.contains("jobs ended: 1, interrupted: 0, left: 0"))
            #expect(!FileManager.default.fileExists(atPath: daemon.socket))
            try daemon.manager.wait(for: "STOPPING=1")
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func anIdleDaemonEndsAtOnce(signal: Int32) throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            #expect(try client.isServed())
            daemon.program.signal(signal)
            #expect(try client.isClosedByPeer())
            #expect(try daemon.program.wait(within: .seconds(8)) == .exited(0))
        }
    }

    @Test func eachOfManyDaemonsOfAProcessEndsGracefullyAtItsFirstSignal() throws {
        let lives = 4  // more than the deliveries that end the process at once
        try TestDaemon.runMisbehaving(["DAEMON_LIVES": "\(lives)"]) { daemon in
            for life in 1...lives {
                let client = try daemon.connect()
                #expect(try client.isServed())
                daemon.manager.forget()
                daemon.stop()
                #expect(try client.isClosedByPeer())
                if life < lives { try daemon.manager.wait(for: "READY=1") }
            }
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func aDaemonOnAnotherThreadThanTheMainOneServesAndEnds() throws {
        let environment = ["DAEMON_ELSEWHERE": "1", "DAEMON_DRAIN_MS": "50", "DAEMON_GRACE_MS": "50"]
        try TestDaemon.runMisbehaving(environment) { daemon in
            // Its handler waits for the main actor, which nobody serves.
            try Self.start("main", "{}", try daemon.connect(), on: daemon)
            #expect(try daemon.connect().isServed())
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(0))
            #expect(daemon.program.output.contains("left: 1"))
        }
    }

    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0)) func itEndsWhenItsTerminalHangsUp() throws {
        let terminal = ["/usr/bin/python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])"]
        try TestDaemon.run(launcher: { _ in terminal }) { daemon in
            let client = try daemon.connect()
            #expect(try client.isServed())
            daemon.program.signal(SIGKILL)
            #expect(try client.isClosedByPeer())
            try daemon.manager.wait(for: "STOPPING=1")
        }
    }

    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0)) func underNohupAHangUpIsAReload() throws {
        let terminal = ["/usr/bin/python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])"]
        // With 9 open the terminal stays: otherwise it hangs up when nohup has left it, perhaps before that ignores it.
        let ignoring = ["/bin/sh", "-c", "exec nohup \"$0\" \"$@\" >/dev/null 2>&1 9</dev/tty"]
        try TestDaemon.run(launcher: { _ in terminal + ignoring }) { daemon in
            let client = try daemon.connect()
            kill(try client.serverProcess, SIGHUP)
            try daemon.manager.wait(for: "RELOADING=1")
            #expect(try client.isServed())
            _ = try client.call("Service.Drain")
            #expect(try client.isClosedByPeer())
        }
    }

    @Test func whatWaitsGoesOnWaitingOnDiskAndWhoeverWaitsForItIsAnswered() throws {
        try TestDaemon.run("running-limit = 1") { daemon in
            let clients = try (0..<6).map { _ in try daemon.connect() }
            try Self.start("sleep", #"{"seconds":0.5}"#, clients[0], on: daemon)
            let queued = try clients[1].submit("echo")
            let scheduled = try clients[1].submit("echo", "{}", #","delay_ms":1000000"#)
            clients[1].start("Jobs.Run", #"{"job":"echo"}"#)
            clients[2].start("Jobs.Wait", #"{"id":"\#(queued)"}"#)
            clients[3].start("Jobs.Watch", #"{"id":"\#(scheduled)"}"#, flags: #","more":true"#)
            #expect(try clients[3].receive().decode(EventResult.self).event.state == .scheduled)
            #expect(try daemon.waitForJobs("queued", 3) == 3)
            try daemon.takeWhatWasSent()
            daemon.stop()
            for client in clients[2...3] { #expect(try client.receive().error == "io.corund.Jobs.Draining") }
            #expect(try clients[1].receive().error == "io.corund.Jobs.JobInterrupted")
            #expect(try clients[0].receive().error == nil)
            #expect(try daemon.program.wait() == .exited(0))
            #expect(daemon.program.output.contains("jobs ended: 1, interrupted: 1, left: 0"))
        }
    }

    @Test func aConnectedClientIsToldThatItDrainsAndNobodyConnectsAnyMore() throws {
        try TestDaemon.run { daemon in
            let (client, other) = (try daemon.connect(), try daemon.connect())
            try Self.start("sleep", #"{"seconds":1}"#, client, on: daemon)
            #expect(try other.isServed())
            daemon.stop()
            try daemon.manager.wait(for: "STOPPING=1")
            let draining = #"{"error":"io.corund.Jobs.Draining","parameters":{}}"#
            #expect(try other.call("Jobs.Run", #"{"job":"echo"}"#).text == draining)
            #expect(try other.call("Jobs.Submit", #"{"submission":{"job":"echo"}}"#).text == draining)
            #expect(throws: POSIXError.self) { try daemon.connect() }
            let health = try other.call("Service.Health").decode(Health.self)
            #expect((health.live, health.ready, health.reasons) == (true, false, ["draining"]))
            #expect(try other.statistics().draining)
            #expect(try client.receive().error == nil)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    // MARK: Jobs that do not

    @Test func afterTheDrainTimeoutJobsAreInterrupted() throws {
        try TestDaemon.run(#"drain-timeout = "200ms""#) { daemon in
            let (client, waiter) = (try daemon.connect(), try daemon.connect())
            try Self.start("sleep", #"{"seconds":1000}"#, client, on: daemon)
            let id = try waiter.submit("sleep", #"{"seconds":1000}"#)
            waiter.start("Jobs.Wait", #"{"id":"\#(id)"}"#)
            daemon.stop()
            #expect(try client.receive().text == Self.interrupted)
            #expect(try waiter.receive().error == "io.corund.Jobs.Draining")  // it runs again when the daemon is back
            #expect(try daemon.program.wait() == .exited(0))
            #expect(daemon.program.output.contains("jobs ended: 0, interrupted: 2, left: 0"))
        }
    }

    @Test func aJobThatIgnoresItsCancellationIsGivenUpAfterTheGrace() throws {
        // Such a job is never let go of.
        let environment = ["DAEMON_DRAIN_MS": "100", "DAEMON_GRACE_MS": "200", "LSAN_OPTIONS": "detect_leaks=0"]
        try TestDaemon.runMisbehaving(environment) { daemon in
            let (client, waiter) = (try daemon.connect(), try daemon.connect())
            try Self.start("stubborn", #"{"seconds":1000}"#, client, on: daemon)
            let id = try waiter.submit("stubborn", #"{"seconds":1000}"#)
            waiter.start("Jobs.Wait", #"{"id":"\#(id)"}"#)
            try daemon.takeWhatWasSent()
            daemon.stop()
            #expect(try client.receive().text == Self.interrupted)
            #expect(try waiter.receive().error == "io.corund.Jobs.Draining")
            #expect(try daemon.program.wait() == .exited(0))
            #expect(daemon.program.output.contains("jobs ended: 0, interrupted: 0, left: 2"))
        }
    }

    @Test func aSecondSignalDoesNotWait() throws {
        try TestDaemon.run(#"drain-timeout = "1000s""#) { daemon in
            let client = try daemon.connect()
            try Self.start("sleep", #"{"seconds":1000}"#, client, on: daemon)
            daemon.stop()
            try daemon.manager.wait(for: "STOPPING=1")
            daemon.stop()
            #expect(try client.receive().text == Self.interrupted)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func aThirdSignalEndsTheProcessAtOnceAlsoWhenTheLoopIsWedged() throws {
        try TestDaemon.runMisbehaving { daemon in
            let client = try daemon.connect()
            #expect(try client.isServed())
            client.start("Jobs.Run", #"{"job":"wedge"}"#)
            client.start("Service.Health")
            #expect(throws: Program.TimedOut.self) { try daemon.program.wait(within: .seconds(1)) }
            for _ in 0..<2 {
                daemon.stop()
                // Two of the same that come together are one to the kernel.
                #expect(throws: Program.TimedOut.self) { try daemon.program.wait(within: .seconds(1)) }
            }
            daemon.stop()
            #expect(try daemon.program.wait() == .exited(128 + SIGTERM))
        }
    }

    // MARK: During start-up

    @Test func aSignalBeforeTheLoopExistsCounts() throws {
        let folder = try TemporaryFolder()
        let manager = try NotifyListener(folder: folder)
        for signals in ["1", "2"] {
            let program = try Program(
                .misbehaving, [],
                environment: [
                    "DAEMON_SIGNALS": signals, "DAEMON_SOCKET": folder.file("s"), "NOTIFY_SOCKET": manager.path,
                ],
                folder: folder)
            #expect(try program.wait() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: folder.file("s")))
        }
    }

    /// Blocked in the new process, the signal waits until it is known what to do with it.
    @Test func aSignalRightAfterTheProcessIsMadeEndsTheDaemonInOrder() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<5 {
            let program = try Program(
                .corund, ["--socket", folder.file("s")], environment: [:], folder: folder, blocking: [SIGTERM])
            program.signal(SIGTERM)
            #expect(try program.wait() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: folder.file("s")))
        }
    }

    @Test func aSignalAsSoonAsItIsCaughtEndsTheDaemonInOrder() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<10 {
            let program = try Program(.corund, ["--socket", folder.file("s")], environment: [:], folder: folder)
            try program.waitUntilItCatchesSIGTERM()
            program.signal(SIGTERM)
            #expect(try program.wait() == .exited(0))
            #expect(!FileManager.default.fileExists(atPath: folder.file("s")))
        }
    }

    // MARK: Drain

    @Test func drainCountsDownAndEndsTheDaemon() throws {
        try TestDaemon.run(#"drain-timeout = "1000s""#) { daemon in
            let (client, other) = (try daemon.connect(), try daemon.connect())
            let ids = try (0..<3).map { _ in try client.submit("sleep", #"{"seconds":1000}"#) }
            client.start("Service.Drain", flags: #","more":true"#)
            for (left, id) in zip([3, 2, 1], ids) {
                let reply = try client.receive()
                #expect(reply.text == #"{"parameters":{"running":\#(left)},"continues":true}"#)
                #expect(try other.call("Jobs.Cancel", #"{"id":"\#(id)"}"#).error == nil)
            }
            #expect(try client.receive().text == #"{"parameters":{"running":0}}"#)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func drainAnswersAtOnceUnlessMoreIsWanted() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            _ = try client.submit("sleep", #"{"seconds":0.3}"#)
            #expect(try client.call("Service.Drain").text == #"{"parameters":{"running":1}}"#)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func whileItDrainsClientsMayConnectAndAreTold() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            try Self.start("sleep", #"{"seconds":1}"#, client, on: daemon)
            let other = try daemon.connect()
            #expect(try other.call("Service.Drain").text == #"{"parameters":{"running":1}}"#)
            let late = try daemon.connect()
            let draining = #"{"error":"io.corund.Jobs.Draining","parameters":{}}"#
            #expect(try late.call("Jobs.Submit", #"{"submission":{"job":"echo"}}"#).text == draining)
            #expect(try late.call("Jobs.Run", #"{"job":"echo"}"#).text == draining)
            #expect(try client.receive().error == nil)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func drainMayBeGivenItsOwnTime() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            _ = try client.submit("sleep", #"{"seconds":1000}"#)
            let replies = try client.stream("Service.Drain", #"{"timeout_ms":100}"#)
            #expect(try replies.map { try $0.decode(DrainResult.self).running } == [1, 0])
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    /// Whoever stops the service does not know of the longer time.
    @Test func aSignalAfterALongDrainHasTheUsualTime() throws {
        try TestDaemon.run(#"drain-timeout = "200ms""#) { daemon in
            let client = try daemon.connect()
            try Self.start("sleep", #"{"seconds":1000}"#, client, on: daemon)
            let other = try daemon.connect()
            #expect(try other.call("Service.Drain", #"{"timeout_ms":1000000}"#).error == nil)
            daemon.stop()
            #expect(try client.receive().text == Self.interrupted)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func aSignalAfterAShortDrainDoesNotLengthenIt() throws {
        try TestDaemon.run(#"drain-timeout = "1000s""#) { daemon in
            let client = try daemon.connect()
            try Self.start("sleep", #"{"seconds":1000}"#, client, on: daemon)
            let other = try daemon.connect()
            #expect(try other.call("Service.Drain", #"{"timeout_ms":500}"#).error == nil)
            daemon.stop()
            #expect(try client.receive().text == Self.interrupted)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    // MARK: Replies

    @Test func aLargeReplyIsDeliveredWholeAtTheEnd() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let large = "\"" + String(repeating: "x", count: 1_000_000) + "\""
            client.start("Jobs.Run", #"{"job":"echo","arguments":\#(large)}"#)
            #expect(try daemon.waitForJobs("succeeded", 1) == 1)
            daemon.stop()
            try daemon.manager.wait(for: "STOPPING=1")
            #expect(try client.receive().text == #"{"parameters":{"result":\#(large)}}"#)
            #expect(try daemon.program.wait() == .exited(0))
        }
    }

    @Test func aClientThatReadsNothingDelaysTheEndOnlyForAMoment() throws {
        try TestDaemon.run { daemon in
            let client = try daemon.connect()
            let large = "\"" + String(repeating: "x", count: 1_000_000) + "\""
            client.start("Jobs.Run", #"{"job":"echo","arguments":\#(large)}"#)
            #expect(try daemon.waitForJobs("succeeded", 1) == 1)
            daemon.stop()
            #expect(try daemon.program.wait(within: .seconds(8)) == .exited(0))
        }
    }
}
