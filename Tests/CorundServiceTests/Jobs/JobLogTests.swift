import CorundAPI
import CorundLoop
import Logging
import Testing
import Varlink

@testable import CorundService

/// What the log tells of a job.
struct JobLogTests {
    /// Runs `body` with a kind `program`, which is told of as commands are, and fails so many times.
    private static func run(_ level: Logger.Level = .info, _ body: @escaping (Workshop) async throws -> Void) throws {
        try Workshop.run(
            kinds: { registry, _ in
                var options = KindOptions()
                options.runsProgram = true
                registry.add("program", options, check: { _ in }) { arguments, job in
                    try await EventLoop.running?.sleep(for: .milliseconds(1500))
                    guard job.attempt > 1 else {
                        job.execution.exitStatus = 3
                        throw JobFailure(kind: "Exited", message: "exited with status 3", status: 3)
                    }
                    job.execution.exitStatus = 0
                    job.logger.info("said by the handler", metadata: ["more": "1"])
                    return arguments
                }
            }
        ) { shop in
            shop.entries.level = level
            shop.board.log.levelChanged()
            try await body(shop)
        }
    }

    private static let job = ["job": "1", "kind": "program", "context": "mine", "peer_uid": "1000"]

    @Test func theStoryOfAProgramsJobIsToldFromItsSubmissionToItsEnd() throws {
        try Self.run { shop in
            try await shop.end(
                of: try await shop.submit("program") {
                    $0.context = "mine"
                    $0.maxAttempts = 2
                })
            let story = shop.entries.all
            #expect(
                story.map { $0.message.replacing(/due in .*/, with: "due") } == [
                    "job program 1 was submitted by uid 1000",
                    "job program 1 started, attempt 1",
                    "attempt 1 of job program 1 failed after 1s 500ms: exited with status 3; the next one is due",
                    "job program 1 started, attempt 2",
                    "said by the handler",
                    "job program 1 succeeded after 1s 500ms, with exit status 0",
                ])
            #expect(story.allSatisfy { $0.level == .info })
            let more: [[String: String]] = [
                [:], ["attempt": "1"], ["attempt": "1", "state": "scheduled", "exit_status": "3"], ["attempt": "2"],
                ["attempt": "2", "more": "1"], ["attempt": "2", "state": "succeeded", "exit_status": "0"],
            ]
            #expect(story.map(\.metadata) == more.map { Self.job.merging($0) { $1 } })
        }
    }

    @Test func ofOtherJobsOnlyABadEndIsToldUnlessItIsWanted() throws {
        try Self.run { shop in
            try await shop.end(of: try await shop.submit("echo"))
            try await shop.end(of: try await shop.submit("fails", #"{"failures":2}"#) { $0.maxAttempts = 3 })
            try await shop.cancel(try await shop.work("a", seconds: 100))
            #expect(shop.entries.all.isEmpty)
            try await shop.end(of: try await shop.submit("fail", #"{"message":"out of paper"}"#))
            try await shop.end(of: try await shop.work("b", seconds: 100) { $0.timeoutMilliseconds = 300 })
            #expect(shop.entries.all.map(\.level) == [.notice, .notice])
            #expect(
                shop.entries.messages.map { $0.replacing(/after [^:]*:/, with: "after …:") } == [
                    "job fail 4 failed after …: out of paper", "job work 5 timed out after …: it has run for 300ms",
                ])
        }
        try Self.run(.debug) { shop in
            try await shop.end(of: try await shop.submit("echo"))
            #expect(shop.entries.all.map(\.level) == [.debug, .debug, .debug])
        }
    }

    @Test func whoAskedForACancellationAndWhatCameOfItIsTold() throws {
        try Self.run(.debug) { shop in
            let record = try await shop.work("a", seconds: 100)
            try await shop.loop.sleep(for: .seconds(1))
            let job = try #require(shop.board.execution(of: record.id))
            shop.board.log.cancelRequested(job, by: Peer(processID: 1, userID: 7, groupID: 7), reason: "it is late")
            try await shop.cancel(record, .request(reason: "it is late"))
            #expect(
                shop.entries.messages.dropFirst(2) == [
                    "uid 7 asks job work 1 to end: it is late", "job work 1 was asked to end: it is late",
                    "job work 1 was cancelled after 1s: it is late",
                ])
            #expect(shop.entries.all[2].metadata["peer_uid"] == "7")
            #expect(shop.entries.all[4].metadata["state"] == "cancelled")
        }
    }

    @Test func aJobThatNeverRanHasNoRunTime() throws {
        try Self.run(.debug) { shop in
            try await shop.cancel(try await shop.work("a") { $0.delayMilliseconds = 1000 })
            #expect(shop.entries.messages.last == "job work 1 was cancelled: on request")
        }
    }

    @Test func anInterruptedAttemptIsTheOneThatStarted() throws {
        try Self.run { shop in
            let record = try await shop.work("a", seconds: 100)
            try await shop.loop.sleep(for: .seconds(1))
            try await shop.cancel(record, .daemonEnd)
            let entry = try #require(shop.entries.all.last)
            #expect(entry.message == "job work 1 was interrupted after 1s: the daemon ends")
            #expect(entry.level == .notice)
            #expect(entry.metadata["attempt"] == "1")
        }
    }

    @Test func theEndOfAJobIsToldBeforeWhatItMeansToOthers() throws {
        try Self.run(.debug) { shop in
            let first = try await shop.submit("stumble", #"{"name":"a","seconds":1}"#)
            let second = try await shop.submit("echo") { $0.after = [first.id.description] }
            try await shop.end(of: [first, second])
            let ends = shop.entries.messages.suffix(2)
            #expect(ends.first?.hasPrefix("job stumble 1 failed after 1s") == true)
            #expect(ends.last?.hasPrefix("job echo 2 was cancelled: ") == true)
        }
    }

    @Test func anotherAttemptIsToldWithWhoWantedIt() throws {
        try Self.run(.debug) { shop in
            let record = try await shop.submit("fail")
            try await shop.end(of: record)
            try await shop.board.retry(record.id, for: Principal(userID: 0, roles: .operate))
            #expect(shop.entries.messages[3] == "uid 0 asks for another attempt at job fail 1")
            #expect(shop.entries.all[3].metadata["peer_uid"] == "0")
            try await shop.end(of: record)
        }
    }

    // MARK: After another daemon

    @Test func whatBecomesOfTheJobsOfADeadDaemonIsTold() throws {
        try Workshop.run(
            kinds: { registry, _ in
                for (name, policy) in [("hold", CrashPolicy.hold), ("failing", .fail)] {
                    var options = KindOptions()
                    options.crashPolicy = policy
                    registry.add(name, options, check: { _ in }) { arguments, _ in arguments }
                }
            }
        ) { shop in
            let shelf = Shelf(shop.engine)
            for (id, kind) in [(1, "echo"), (2, "hold"), (3, "failing")] as [(UInt64, String)] {
                try shelf.add(id, kind)
                try shelf.start(id)
            }
            try shelf.add(4)
            try shop.board.recover(crashLimit: 3)
            #expect(
                shop.entries.all.dropLast().map { [$0.level.rawValue, $0.message] } == [
                    ["notice", "job echo 1 was running when an earlier daemon died, and runs again"],
                    [
                        "warning",
                        """
                        job hold 2 was interrupted: held: the daemon died while it ran; `corund-ctl retry` runs it again
                        """,
                    ],
                    ["notice", "job failing 3 failed: the daemon died while it ran, and it must not run twice"],
                ])
            #expect(
                shop.entries.all[1].metadata == [
                    "job": "2", "kind": "hold", "attempt": "1", "peer_uid": "1000", "state": "interrupted",
                ])
            for id in ["1", "4"] { try await shop.end(of: try shop.record(id)) }
        }
    }

    // MARK: The level

    @Test func aLevelThatChangesIsHeededFromThenOn() throws {
        try Self.run { shop in
            let kind = try #require(shop.registry.kinds["echo"])
            let log = shop.board.log
            #expect(!log.tells(of: kind))
            #expect(log.tells(of: try #require(shop.registry.kinds["program"])))
            shop.entries.level = .debug
            log.levelChanged()
            #expect(log.tells(of: kind))
            shop.entries.level = .warning
            log.levelChanged()
            #expect(!log.tells(of: kind))
        }
    }
}
