import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct AgendaTests {
    private static let noon = Workshop.noon

    private static func time(_ seconds: Int64) -> LoopTime { LoopTime(nanoseconds: seconds * 1_000_000_000) }

    private static func timeOfDay(_ seconds: Int64) -> Timestamp {
        Timestamp(microseconds: noon.microseconds + seconds * 1_000_000)
    }

    /// The loop's clock shows 100 s at noon.
    private static func agenda() -> Agenda {
        Agenda(ClockReading(wallClock: noon, loopTime: time(100)))
    }

    private static func due(_ agenda: inout Agenda, at now: LoopTime) -> [UInt64] {
        var ids: [UInt64] = []
        while let (job, _) = agenda.popDue(at: now) { ids.append(job.id.number) }
        return ids
    }

    private func expectDue(
        _ agenda: inout Agenda, at now: LoopTime, _ expected: [UInt64],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = Self.due(&agenda, at: now)
        #expect(found == expected, sourceLocation: sourceLocation)
    }

    @Test func jobsAreDueInTheOrderOfTheirTimesWhicheverClockTheyGoBy() {
        var agenda = Self.agenda()
        agenda.insert(Probe(1), at: .loopTime(Self.time(130)))
        agenda.insert(Probe(2), at: .wallClock(Self.timeOfDay(20)))
        agenda.insert(Probe(3), at: .loopTime(Self.time(110)))
        agenda.insert(Probe(4), at: .wallClock(Self.timeOfDay(-50)))
        #expect(agenda.count == 4)
        #expect(agenda.nextDue == Self.time(50))
        expectDue(&agenda, at: Self.time(119), [4, 3])
        #expect(agenda.nextDue == Self.time(120))
        expectDue(&agenda, at: Self.time(130), [2, 1])
        #expect(agenda.nextDue == nil)
    }

    @Test func aJobThatIsDueSaysSinceWhen() {
        var agenda = Self.agenda()
        agenda.insert(Probe(1), at: .wallClock(Self.timeOfDay(3)))
        let due = agenda.popDue(at: Self.time(500))
        #expect(due?.since == Self.time(103))
    }

    @Test func whoSetsTheWallClockMovesWhatGoesByItAndNothingElse() {
        var agenda = Self.agenda()
        agenda.insert(Probe(1), at: .loopTime(Self.time(160)))
        agenda.insert(Probe(2), at: .wallClock(Self.timeOfDay(3600)))
        agenda.clocks = ClockReading(wallClock: Self.timeOfDay(3500), loopTime: Self.time(120))
        #expect(agenda.nextDue == Self.time(160))
        expectDue(&agenda, at: Self.time(219), [1])
        #expect(agenda.nextDue == Self.time(220))
        agenda.clocks = ClockReading(wallClock: Self.timeOfDay(0), loopTime: Self.time(219))
        #expect(agenda.nextDue == Self.time(3819))
    }

    @Test func aJobCanBeTakenOut() {
        var agenda = Self.agenda()
        let (first, second, stranger) = (Probe(1), Probe(2), Probe(3))
        agenda.insert(first, at: .loopTime(Self.time(5)))
        agenda.insert(second, at: .wallClock(Self.timeOfDay(5)))
        let removed = [first, second, stranger, first].map { agenda.remove($0) }
        #expect(removed == [true, true, false, false])
        #expect(agenda.count == 0)
    }

    /// There is no clock that shows them.
    @Test func timesBeyondAllTimeAreInTheirOrder() {
        var agenda = Self.agenda()
        agenda.insert(Probe(1), at: .wallClock(Timestamp(microseconds: .max)))
        agenda.insert(Probe(2), at: .wallClock(Timestamp(microseconds: .min)))
        #expect(agenda.nextDue == LoopTime(nanoseconds: .min))
        expectDue(&agenda, at: Self.time(100), [2])
        #expect(agenda.nextDue == .distantFuture)
    }

    /// Beside a list that is searched anew at each step, under a wall clock that is set again and again.
    @Test(arguments: UInt64(1)...20)
    func anyOrderOfStepsGivesWhatAListGives(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var agenda = Self.agenda()
        var list: [(job: Probe, time: DueTime)] = []
        var (now, wallClockAtZero): (Int64, Int64) = (100, -100)
        func dueTime(_ time: DueTime) -> LoopTime {
            switch time {
            case .loopTime(let time): time
            case .wallClock(let time):
                Self.time((time.microseconds - Self.noon.microseconds) / 1_000_000 - wallClockAtZero)
            }
        }
        for step in 0..<1000 as Range<UInt64> {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0...3:
                let after = now + Int64.random(in: -5...60, using: &generator)
                let time: DueTime =
                    Bool.random(using: &generator)
                    ? .loopTime(Self.time(after)) : .wallClock(Self.timeOfDay(after + wallClockAtZero))
                let job = Probe(step)
                agenda.insert(job, at: time)
                list.append((job, time))
            case 4:
                guard let index = list.indices.randomElement(using: &generator) else { continue }
                let removed = agenda.remove(list.remove(at: index).job)
                #expect(removed)
            case 5:
                wallClockAtZero += Int64.random(in: -40...40, using: &generator)
                agenda.clocks = ClockReading(wallClock: Self.timeOfDay(now + wallClockAtZero), loopTime: Self.time(now))
            default:
                now += Int64.random(in: 0...10, using: &generator)
                let expected = list.filter { dueTime($0.time) <= Self.time(now) }.map(\.job.id.number)
                list.removeAll { dueTime($0.time) <= Self.time(now) }
                let found = Self.due(&agenda, at: Self.time(now))
                #expect(found.sorted() == expected.sorted())
            }
            #expect(agenda.nextDue == list.map { dueTime($0.time) }.min())
        }
    }
}
