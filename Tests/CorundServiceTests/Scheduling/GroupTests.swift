import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct GroupTests {
    private static func settings(limit: Int? = nil, rate: Rate? = nil) -> GroupSettings {
        var settings = GroupSettings()
        (settings.limit, settings.rate) = (limit, rate)
        return settings
    }

    private static func admit(_ count: Int, _ shop: Workshop, from id: UInt64 = 1, group: String? = nil) -> [Probe] {
        let probes = (0..<UInt64(count)).map { Probe(id + $0, group: group) }
        for probe in probes { shop.scheduler.admit(probe) }
        return probes
    }

    private static func seconds(_ probes: [Probe]) -> [Double] {
        probes.compactMap { $0.turns.first.map { Double($0.nanoseconds) / 1e9 } }
    }

    // MARK: Limits

    @Test func noMoreOfAGroupRunThanMay() throws {
        try Workshop.run { shop in
            shop.scheduler.apply(settings: ["disk": Self.settings(limit: 2)])
            var records: [JobRecord] = []
            for number in 0..<6 { records.append(try await shop.work("\(number)") { $0.group = "disk" }) }
            let other = try await shop.work("other")
            #expect(shop.scheduler.runningCount == 3)
            #expect(shop.scheduler.groups.map(\.name) == ["disk", "work"])
            #expect(shop.scheduler.groups.map(\.running) == [2, 1])
            #expect(shop.scheduler.groups.map(\.queued) == [4, 0])
            #expect(shop.scheduler.groups.map(\.limit) == [2, nil])
            try await shop.end(of: records + [other])
            #expect(shop.seconds == 3)
            #expect(shop.journal.mostRunning == 3)
        }
    }

    /// They had the straight way, on which nobody counts.
    @Test(arguments: [[:], ["disk": settings(limit: 1)]])
    func whatRanBeforeTheLimitCameCounts(before: [String: GroupSettings]) throws {
        try Workshop.run { shop in
            shop.scheduler.apply(settings: before)
            let early = try await shop.work("early", seconds: 5)
            shop.scheduler.apply(settings: ["work": Self.settings(limit: 2)])
            let second = try await shop.work("second", seconds: 1)
            let third = try await shop.work("third", seconds: 1)
            let fourth = try await shop.work("fourth", seconds: 1)
            try await shop.end(of: [early, second, third, fourth])
            #expect([second, third, fourth].map { Workshop.seconds($0.job.startedAt) } == [0, 1, 2])
            #expect(shop.journal.mostRunning == 2)
            shop.scheduler.apply(settings: [:])
            #expect(shop.scheduler.groups.isEmpty)
        }
    }

    @Test func aHigherLimitLetsTheNextStartAtOnce() throws {
        try Workshop.run { shop in
            shop.scheduler.apply(settings: ["disk": Self.settings(limit: 1)])
            let records = [
                try await shop.work("a") { $0.group = "disk" }, try await shop.work("b") { $0.group = "disk" },
                try await shop.work("c") { $0.group = "disk" },
            ]
            #expect(shop.scheduler.runningCount == 1)
            shop.scheduler.apply(settings: ["disk": Self.settings(limit: 2)])
            #expect(shop.scheduler.runningCount == 2)
            shop.scheduler.apply(settings: [:])
            #expect(shop.scheduler.runningCount == 3)
            try await shop.end(of: records)
            #expect(shop.seconds == 1)
        }
    }

    @Test func aJobBetweenItsAttemptsTakesNoPlaceOfItsGroup() throws {
        try Workshop.run { shop in
            shop.scheduler.apply(settings: ["disk": Self.settings(limit: 1)])
            let failing = try await shop.submit("fails", #"{"failures":1}"#) {
                $0.group = "disk"
                $0.maxAttempts = 2
            }
            let other = try await shop.work("other", seconds: 0.1) { $0.group = "disk" }
            try await shop.end(of: other)
            #expect(failing.job.state == .scheduled)
            #expect(shop.scheduler.groups.map(\.running) == [0])
            try await shop.end(of: failing)
            #expect(failing.job.state == .succeeded)
        }
    }

    // MARK: Rates

    @Test func noMoreOfAGroupStartInATimeThanMay() throws {
        try Workshop.run { shop in
            shop.scheduler.apply(settings: ["mail": Self.settings(rate: Rate(count: 2, period: .seconds(10)))])
            let probes = Self.admit(5, shop, group: "mail")
            try await shop.loop.sleep(for: .seconds(100))
            #expect(Self.seconds(probes) == [0, 0, 10, 10, 20])
        }
    }

    /// One timer for the next start, and none when nobody waits for one.
    @Test func aRateCostsATimerWhileItKeepsSomebodyWaiting() throws {
        try Workshop.run { shop in
            shop.scheduler.apply(settings: ["mail": Self.settings(rate: Rate(count: 1, period: .seconds(10)))])
            let probes = Self.admit(3, shop, group: "mail")
            #expect(shop.loop.timerCount == 1)
            shop.scheduler.cancel(probes[1], .hangUp)
            #expect(shop.loop.timerCount == 1)
            shop.scheduler.cancel(probes[2], .hangUp)
            #expect(shop.loop.timerCount == 0)
        }
    }

    @Test func aRateWithoutRoomToRunWaitsForRoomAndDoesNotTurnTheLoop() throws {
        var options = Workshop.Options()
        options.running = 1
        try Workshop.run(options) { shop in
            shop.scheduler.apply(settings: ["mail": Self.settings(rate: Rate(count: 1, period: .seconds(10)))])
            let first = Self.admit(1, shop, group: "mail")
            await Task.yield()
            let long = try await shop.work("long", seconds: 1000)
            let second = Self.admit(1, shop, from: 50, group: "mail")
            let ticks = shop.loop.tickCount
            try await shop.end(of: long)
            #expect(shop.loop.tickCount - ticks < 20)
            try await shop.loop.sleep(for: .seconds(1))
            #expect(Self.seconds(first + second) == [0, 1000])
        }
    }

    @Test func aGroupThatWaitsKeepsOthersFromNothing() throws {
        try Workshop.run { shop in
            shop.scheduler.apply(settings: ["mail": Self.settings(rate: Rate(count: 1, period: .seconds(10)))])
            let mail = Self.admit(3, shop, group: "mail")
            shop.scheduler.pause("disk")
            let disk = Self.admit(1, shop, from: 10, group: "disk")
            let others = Self.admit(3, shop, from: 20)
            #expect(others.map(\.state) == [.running, .running, .running])
            shop.scheduler.resume(nil)
            try await shop.loop.sleep(for: .seconds(30))
            #expect(Self.seconds(mail + disk) == [0, 10, 20, 0])
        }
    }

    // MARK: How they stand

    /// Some have started without asking, and nobody but themselves knows their group.
    @Test func theJobsOfAGroupThatRunAreCountedHoweverTheyHaveStarted() throws {
        try Workshop.run(.init(running: 3)) { shop in
            var records = [try await shop.work("a") { $0.group = "disk" }]
            #expect(shop.scheduler.groups.map(\.running) == [1])
            shop.scheduler.apply(settings: ["mail": Self.settings(limit: 1)])
            for group in ["disk", "mail", "disk"] { records.append(try await shop.work(group) { $0.group = group }) }
            let listing = shop.scheduler.groupListing
            #expect(
                listing.busiest == [Group(name: "disk", running: 2, queued: 1, limit: nil, paused: false)])
            #expect(listing.managed == [Group(name: "mail", running: 1, queued: 0, limit: 1, paused: false)])
            try await shop.end(of: records)
            #expect(shop.scheduler.groups.map(\.name) == ["mail"])
        }
    }

    // MARK: Pausing

    @Test func aPausedGroupStartsNothingAndWhatRunsGoesOn() throws {
        try Workshop.run { shop in
            let running = try await shop.work("running") { $0.group = "disk" }
            shop.scheduler.pause("disk")
            let queued = try await shop.work("queued") { $0.group = "disk" }
            let other = try await shop.work("other")
            try await shop.end(of: [running, other])
            #expect(queued.job.state == .queued)
            #expect(shop.scheduler.groups == [Group(name: "disk", running: 0, queued: 1, limit: nil, paused: true)])
            shop.scheduler.resume("disk")
            try await shop.end(of: queued)
            #expect(shop.scheduler.groups.isEmpty)
        }
    }

    /// An operator who pauses everything wants nothing to begin, whoever waits for it.
    @Test func whenEverythingIsPausedNothingStarts() throws {
        try Workshop.run { shop in
            shop.scheduler.pause(nil)
            let attached = Self.admit(2, shop)
            let detached = try await shop.work("a")
            try await shop.loop.sleep(for: .seconds(60))
            #expect(shop.scheduler.runningCount == 0)
            #expect(shop.scheduler.groups.map(\.paused) == [true, true])
            shop.scheduler.resume(nil)
            try await shop.end(of: detached)
            #expect(attached.map(\.state) == [.succeeded, .succeeded])
        }
    }

    @Test func resumingEverythingResumesSingleGroupsToo() throws {
        try Workshop.run { shop in
            shop.scheduler.pause("disk")
            shop.scheduler.pause(nil)
            shop.scheduler.resume("disk")
            let record = try await shop.work("a") { $0.group = "disk" }
            #expect(record.job.state == .queued)  // everything is paused still
            shop.scheduler.pause("disk")
            shop.scheduler.resume(nil)
            await shop.settle()
            #expect(record.job.state == .running)
            #expect(shop.scheduler.pausedGroups.isEmpty && !shop.scheduler.isPaused)
            try await shop.end(of: record)
        }
    }

    @Test func whoKeepsThePausesIsToldOfEachAndCanBringThemBack() throws {
        try Workshop.run { shop in
            let told = Told()
            shop.scheduler.onPausedChanged = { told.pauses.append(($0, $1)) }
            shop.scheduler.pause("disk")
            shop.scheduler.pause(nil)
            shop.scheduler.resume(nil)
            #expect(told.pauses.map(\.groups) == [["disk"], ["disk"], []])
            #expect(told.pauses.map(\.all) == [false, true, false])
            shop.scheduler.restorePauses(of: ["disk", "mail"], allPaused: true)
            #expect(told.pauses.count == 3)
            #expect(shop.scheduler.pausedGroups == ["disk", "mail"])
            #expect(shop.scheduler.isPaused)
        }
    }

    private final class Told {
        var pauses: [(groups: Set<String>, all: Bool)] = []
    }

    @Test(arguments: ["nowhere", "Work", ""])
    func whatNobodyKnowsCannotBePaused(name: String) throws {
        try Workshop.run { shop in
            #expect(throws: ServiceError.noSuchGroup(group: name)) {
                try shop.scheduler.check(GroupParameters(group: name), shop.board.kinds)
            }
        }
    }

    @Test func aGroupIsKnownByItsJobsItsSettingsItsPauseOrItsKind() throws {
        try Workshop.run { shop in
            let running = try await shop.work("a") { $0.group = "running" }
            let waiting = try await shop.work("b") {
                $0.group = "scheduled"
                $0.delayMilliseconds = 1000
            }
            shop.scheduler.apply(settings: ["configured": GroupSettings()])
            shop.scheduler.restorePauses(of: ["paused"], allPaused: false)
            for name in ["running", "scheduled", "configured", "paused", "echo", nil] {
                try shop.scheduler.check(GroupParameters(group: name), shop.board.kinds)
            }
            try await shop.end(of: [running, waiting])
            #expect(throws: ServiceError.noSuchGroup(group: "scheduled")) {
                try shop.scheduler.check(GroupParameters(group: "scheduled"), shop.board.kinds)
            }
        }
    }
}
