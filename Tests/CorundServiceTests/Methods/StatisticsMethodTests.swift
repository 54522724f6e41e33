import CorundAPI
import Logging
import Testing
import Varlink

@testable import CorundService

/// Which groups `Statistics` and `Metrics` tell of, and whom, when there are more than anybody wants to read.
struct StatisticsMethodTests {
    /// 300 groups of Alice's with a job each that waits, the last with two.
    private static let names = (0..<300).map { "alice \(1000 + $0) " + String(repeating: "x", count: 1000) }

    private static func run(_ body: @escaping (Reception) async throws -> Void) throws {
        try Reception.run { reception in
            let (root, alice) = (try await reception.connect(as: .root), try await reception.connect(as: .alice))
            try await root.pause()
            for name in names + [names[299]] {
                var submission = Submission(job: "echo")
                submission.group = name
                _ = try await alice.submit(submission)
            }
            try await body(reception)
        }
    }

    @Test func whoSeesEverythingIsToldOfTheBusiestGroupsAndHowManyMoreThereAre() throws {
        try Self.run { reception in
            let observer = try await reception.connect(as: .observer)
            let statistics = try await observer.statistics()
            #expect(statistics.groups.map(\.name) == Self.names[..<99] + [Self.names[299]])
            #expect(statistics.groups.map(\.queued) == Array(repeating: 1, count: 99) + [2])
            #expect(statistics.groups.allSatisfy { $0.paused })
            #expect(statistics.otherGroups == 200)
            let metrics = try await observer.metrics().split(separator: "\n")
            #expect(metrics.filter { $0.hasPrefix("corund_group_jobs_queued{") }.count == 100)
        }
    }

    @Test func aGroupThatAnOperatorHasPausedIsAlwaysThere() throws {
        try Self.run { reception in
            let root = try await reception.connect(as: .root)
            try await root.pause(group: Self.names[200])
            let statistics = try await root.statistics()
            #expect(statistics.groups.count == 101)
            #expect(statistics.groups.contains { $0.name == Self.names[200] })
            #expect(statistics.otherGroups == 199)
        }
    }

    @Test func aSubmitterIsToldOfNoGroupThatUsersHaveNamed() throws {
        try Self.run { reception in
            let (root, bob) = (try await reception.connect(as: .root), try await reception.connect(as: .bob))
            #expect(try await bob.statistics().groups.isEmpty)
            try await root.pause(group: "echo")
            reception.board.scheduler.apply(settings: ["mail": GroupSettings()])
            let statistics = try await bob.statistics()
            #expect(statistics.groups.map(\.name) == ["echo", "mail"])
            #expect(statistics.otherGroups == nil)
        }
    }

    @Test func thatEverythingIsPausedIsToldToEverybodyAlsoWhereThereAreNoGroups() throws {
        try Reception.run { reception in
            let (root, bob) = (try await reception.connect(as: .root), try await reception.connect(as: .bob))
            #expect(try await bob.statistics().paused == false)
            #expect(try await root.metrics().contains("\ncorund_paused 0\n"))
            try await root.pause()
            #expect(try await bob.statistics().paused == true)
            #expect(try await root.metrics().contains("\ncorund_paused 1\n"))
            #expect(reception.board.scheduler.summary == "0 jobs run, 0 wait; everything is paused")
        }
    }

    @Test func theLogTellsWhoHasPausedAndResumedWhat() throws {
        try Reception.run { reception in
            let operators = try await reception.connect(as: .operator1005)
            try await operators.pause(group: "echo")
            try await operators.pause()
            try await operators.resume()
            let uid = ["peer_uid": "1005"]
            #expect(
                reception.entries.all == [
                    .init(.notice, "uid 1005 pauses the group echo", uid),
                    .init(.notice, "uid 1005 pauses everything", uid),
                    .init(.notice, "uid 1005 resumes everything", uid),
                ])
        }
    }

    @Test func whereAllAreListedNoNumberIsTold() throws {
        try Reception.run { reception in
            let root = try await reception.connect(as: .root)
            try await root.pause(group: "echo")
            let statistics = try await root.statistics()
            #expect(statistics.groups.map(\.name) == ["echo"])
            #expect(statistics.otherGroups == nil)
        }
    }
}
