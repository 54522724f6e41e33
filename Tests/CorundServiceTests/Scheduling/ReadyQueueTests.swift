import CorundLoop
import Testing

@testable import CorundService

struct ReadyQueueTests {
    private static func time(_ seconds: Int64) -> LoopTime { LoopTime(nanoseconds: seconds * 1_000_000_000) }

    private static func settings(limit: Int? = nil, rate: Rate? = nil) -> GroupSettings {
        var settings = GroupSettings()
        (settings.limit, settings.rate) = (limit, rate)
        return settings
    }

    /// The ids of the jobs in the order of their turns, as long as there is one to start.
    private static func turns(_ queue: inout ReadyQueue, at now: LoopTime) -> [UInt64] {
        var ids: [UInt64] = []
        while let (job, _) = queue.popFirst(at: now) { ids.append(job.id.number) }
        return ids
    }

    // MARK: Order

    @Test func onePointOfPriorityIsWorthAStepOfWaiting() {
        var queue = ReadyQueue(agingStep: .seconds(10))
        let now = Self.time(100)
        for (id, priority, since) in [(1, 0, 50), (2, 4, 89), (3, 4, 91), (4, -1, 39), (5, 0, 51)] {
            queue.insert(Probe(UInt64(id), priority: priority), readySince: Self.time(Int64(since)), at: now)
        }
        let turns = Self.turns(&queue, at: now)
        #expect(turns == [2, 4, 1, 3, 5])  // 49, 49, 50, 51, 51: ties by id
        #expect(queue.isOpen)
    }

    @Test func nothingStarvesWhateverComesAfterIt() {
        var queue = ReadyQueue(agingStep: .seconds(10))
        queue.insert(Probe(0, priority: -100), readySince: Self.time(0), at: Self.time(0))
        var turns: [UInt64] = []
        for second in 1...3000 as ClosedRange<Int64> {
            queue.insert(Probe(UInt64(second), priority: 100), readySince: Self.time(second), at: Self.time(second))
            if let (job, _) = queue.popFirst(at: Self.time(second)) { turns.append(job.id.number) }
        }
        #expect(turns[1998...2000] == [1999, 0, 2000])  // 200 points of 10 s
    }

    @Test func anEarlierLifeOfTheDaemonComesFirst() {
        var queue = ReadyQueue(agingStep: .seconds(10))
        queue.insert(Probe(9), readySince: Self.time(0), at: Self.time(0))
        queue.insert(Probe(3), readySince: Self.time(-3600), at: Self.time(0))
        queue.insert(Probe(8), readySince: LoopTime(nanoseconds: .min), at: Self.time(0))
        let turns = Self.turns(&queue, at: Self.time(0))
        #expect(turns == [8, 3, 9])
    }

    /// The wall clock was set back between two lives of the daemon.
    @Test func nobodyIsReadyInTheFuture() {
        var queue = ReadyQueue(agingStep: .seconds(10))
        queue.insert(Probe(1), readySince: Self.time(500), at: Self.time(5))
        queue.insert(Probe(2), readySince: Self.time(6), at: Self.time(6))
        let turns = Self.turns(&queue, at: Self.time(6))
        #expect(turns == [1, 2])
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(-1), .zero])
    func anyAgingStepKeepsAnOrder(step: Duration) {
        var queue = ReadyQueue(agingStep: step)
        let now = Self.time(100)
        for (id, priority) in [(1, -100), (2, 100), (3, 0)] {
            queue.insert(Probe(UInt64(id), priority: priority), readySince: now, at: now)
        }
        let turns = Self.turns(&queue, at: now)
        #expect(turns == (step > .zero ? [2, 3, 1] : [1, 2, 3]))
    }

    // MARK: Groups

    @Test func aGroupIsForgottenWithItsLastJob() {
        var queue = ReadyQueue(agingStep: .seconds(10))
        let jobs = [Probe(1, group: "a"), Probe(2, group: "a"), Probe(3, group: "b")]
        for job in jobs { queue.insert(job, readySince: Self.time(0), at: Self.time(0)) }
        let removed = queue.remove(jobs[2], at: Self.time(0))
        #expect(removed)
        queue.forget(jobs[2])
        #expect(queue.groups["b"] == nil)
        #expect(jobs[2].group == "b")
        let first = queue.popFirst(at: Self.time(0))?.job
        #expect(first === jobs[0])
        queue.attemptEnded(jobs[0], at: Self.time(1))
        queue.forget(jobs[0])
        queue.forget(jobs[0])
        #expect(queue.groups["a"]?.members == 1)
    }

    @Test func settingsAndAPauseKeepAGroupAndItsRestrictions() {
        var queue = ReadyQueue(agingStep: .seconds(10))
        queue.apply(["a": Self.settings(limit: 1)], at: Self.time(0))
        queue.setPaused(true, "b", at: Self.time(0))
        #expect(!queue.isOpen)
        #expect(queue.groups.all.count == 2)
        queue.apply([:], at: Self.time(0))
        #expect(!queue.isOpen)
        queue.setPaused(false, "b", at: Self.time(0))
        #expect(queue.isOpen)
        #expect(queue.groups.all.isEmpty)
    }

    // MARK: Against a model

    /// Everything that can happen, beside lists that are searched anew at each step.
    @Test(arguments: UInt64(1)...40)
    func anyOrderOfStepsGivesWhatAPlainModelGives(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var queue = ReadyQueue(agingStep: .seconds(3))
        var model = QueueModel(agingSeconds: 3)
        var now: Int64 = 0
        let names = ["a", "b", "c", "d"]
        for step in 0..<600 as Range<UInt64> {
            let time = Self.time(now)
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<7:
                let job = Probe(
                    step, group: names.randomElement(using: &generator),
                    priority: .random(in: -5...5, using: &generator))
                let since = now - Int64.random(in: 0...5, using: &generator)
                queue.insert(job, readySince: Self.time(since), at: time)
                model.insert(job, since)
            case 7, 8:
                guard let job = model.waiting.randomElement(using: &generator)?.job else { continue }
                let removed = queue.remove(job, at: time)
                #expect(removed)
                queue.forget(job)
                model.waiting.removeAll { $0.job === job }
            case 9..<13:
                guard let index = model.running.indices.randomElement(using: &generator) else { continue }
                let job = model.running.remove(at: index)
                queue.attemptEnded(job, at: time)
                queue.forget(job)
            case 13:
                var settings: [String: GroupSettings] = [:]
                for name in names where Bool.random(using: &generator) {
                    let limit = Bool.random(using: &generator) ? Int.random(in: 1...3, using: &generator) : nil
                    let rate = Rate(count: .random(in: 1...3, using: &generator), period: .seconds(4))
                    settings[name] = Self.settings(limit: limit, rate: Bool.random(using: &generator) ? rate : nil)
                }
                queue.apply(settings, at: time)
                model.apply(settings)
            case 14:
                guard let name = names.randomElement(using: &generator) else { continue }
                let isPaused = !model.paused.contains(name)
                queue.setPaused(isPaused, name, at: time)
                if isPaused { model.paused.insert(name) } else { model.paused.remove(name) }
            case 15:
                model.isPaused.toggle()
                queue.setPaused(model.isPaused)
            default:
                now += Int64.random(in: 0...2, using: &generator)
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let popped = queue.popFirst(at: Self.time(now))?.job
                    let expected = model.popFirst(at: now)
                    #expect(popped === expected)
                }
            }
            model.check(queue, at: now)
        }
    }
}

/// What the queue promises, searched for in lists.
///
/// Times are whole seconds.
private struct QueueModel {
    let agingSeconds: Int64
    var waiting: [(job: Probe, since: Int64)] = []
    var running: [Probe] = []
    var settings: [String: GroupSettings] = [:]
    var paused: Set<String> = []
    var isPaused = false
    /// By group, since it has had a rate without a break.
    private var starts: [String: [Int64]] = [:]

    init(agingSeconds: Int64) {
        self.agingSeconds = agingSeconds
    }

    mutating func insert(_ job: Probe, _ since: Int64) {
        waiting.append((job, since))
    }

    mutating func apply(_ new: [String: GroupSettings]) {
        settings = new
        var kept: [String: [Int64]] = [:]
        for (name, rate) in new.compactMapValues(\.rate) { kept[name] = (starts[name] ?? []).suffix(rate.count) }
        starts = kept
    }

    private func opening(of group: String, at now: Int64) -> Int64? {
        if paused.contains(group) { return nil }
        if let limit = settings[group]?.limit, running.count(where: { $0.group == group }) >= limit { return nil }
        guard let rate = settings[group]?.rate, let starts = starts[group], starts.count >= rate.count else {
            return now
        }
        return max(now, starts[starts.count - rate.count] + rate.period.components.seconds)
    }

    mutating func popFirst(at now: Int64) -> Probe? {
        let candidates = isPaused ? [] : waiting.filter { opening(of: $0.job.group, at: now) == now }
        let aging = agingSeconds
        func key(_ entry: (job: Probe, since: Int64)) -> (Int64, UInt64) {
            (entry.since - Int64(entry.job.priority) * aging, entry.job.id.number)
        }
        guard let first = candidates.min(by: { key($0) < key($1) }) else { return nil }
        waiting.removeAll { $0.job === first.job }
        running.append(first.job)
        starts[first.job.group]?.append(now)
        return first.job
    }

    func check(_ queue: ReadyQueue, at now: Int64) {
        #expect(queue.readyCount == waiting.count)
        let groups = Set(waiting.map(\.job.group) + running.map(\.group)).union(paused).union(settings.keys)
        #expect(Set(queue.groups.all.map(\.name)) == groups)
        for group in queue.groups.all {
            #expect(group.queued == waiting.count { $0.job.group == group.name })
            #expect(group.running == running.count { $0.group == group.name })
        }
        let openings = Set(waiting.map(\.job.group)).compactMap { opening(of: $0, at: now) }
        let next = queue.nextOpening.map { $0.nanoseconds / 1_000_000_000 }
        // A group that has opened meanwhile is noticed when somebody asks for the next job.
        if !isPaused, let first = openings.filter({ $0 > now }).min() { #expect(next.map { $0 <= first } == true) }
    }
}
