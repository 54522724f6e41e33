import CorundAPI
import CorundLoop
import Testing

@testable import CorundService

struct PredecessorsTests {
    private typealias Verdict = Predecessors.Verdict

    private static func ids(_ numbers: [UInt64]) -> [JobID] { numbers.map { JobID($0) } }

    private func expect(
        _ predecessors: inout Predecessors, _ job: JobID, _ state: JobState, _ expected: Verdict,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let verdict = predecessors.ended(job, state)
        #expect(verdict == expected, sourceLocation: sourceLocation)
    }

    @Test func aJobIsReadyWhenTheLastOneHasSucceeded() {
        var predecessors = Predecessors()
        predecessors.add(JobID(9), after: Self.ids([1, 2, 3]))
        expect(&predecessors, JobID(2), .succeeded, Verdict())
        expect(&predecessors, JobID(1), .succeeded, Verdict())
        expect(&predecessors, JobID(3), .succeeded, Verdict(ready: [JobID(9)]))
        #expect(predecessors.isEmpty)
    }

    @Test func aJobThatIsNamedTwiceIsWaitedForOnce() {
        var predecessors = Predecessors()
        predecessors.add(JobID(9), after: Self.ids([1, 1, 2, 1, 2]))
        expect(&predecessors, JobID(1), .succeeded, Verdict())
        expect(&predecessors, JobID(2), .succeeded, Verdict(ready: [JobID(9)]))
    }

    @Test(arguments: [JobState.failed, .cancelled, .timedOut])
    func oneThatDoesNotSucceedEndsTheWait(state: JobState) {
        var predecessors = Predecessors()
        predecessors.add(JobID(9), after: Self.ids([1, 2]))
        predecessors.add(JobID(8), after: Self.ids([2]))
        expect(&predecessors, JobID(2), state, Verdict(hopeless: Self.ids([8, 9])))
        expect(&predecessors, JobID(1), .succeeded, Verdict())
        #expect(predecessors.isEmpty)
    }

    @Test func anInterruptedOneIsWaitedForFurther() {
        var predecessors = Predecessors()
        predecessors.add(JobID(9), after: Self.ids([1]))
        expect(&predecessors, JobID(1), .interrupted, Verdict())
        expect(&predecessors, JobID(1), .succeeded, Verdict(ready: [JobID(9)]))
    }

    @Test func aJobThatIsTakenOutHearsNothingMore() {
        var predecessors = Predecessors()
        predecessors.add(JobID(8), after: Self.ids([1, 2]))
        predecessors.add(JobID(9), after: Self.ids([1]))
        predecessors.remove(JobID(8))
        predecessors.remove(JobID(8))
        expect(&predecessors, JobID(1), .succeeded, Verdict(ready: [JobID(9)]))
        #expect(predecessors.isEmpty)
    }

    /// Beside a table of who waits for whom that is searched anew at each step.
    @Test(arguments: UInt64(1)...20)
    func anyOrderOfStepsGivesWhatATableGives(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var predecessors = Predecessors()
        var table: [JobID: Set<JobID>] = [:]
        var live: [JobID] = [JobID(0)]
        for number in 1...400 as ClosedRange<UInt64> {
            let job = JobID(number)
            let names = (0..<Int.random(in: 1...5, using: &generator)).compactMap { _ in
                live.randomElement(using: &generator)
            }
            predecessors.add(job, after: names)
            table[job] = Set(names)
            live.append(job)
            if number % 3 == 0, let victim = table.keys.sorted().randomElement(using: &generator) {
                predecessors.remove(victim)
                table[victim] = nil
            }
            guard number % 2 == 0, let index = live.indices.dropLast(2).randomElement(using: &generator) else {
                continue
            }
            let ended = live.remove(at: index)
            let succeeds = Int.random(in: 0..<4, using: &generator) > 0
            let waiting = table.filter { $0.value.contains(ended) }.keys.sorted()
            var expected = Verdict()
            for job in waiting {
                table[job]?.remove(ended)
                if !succeeds { expected.hopeless.append(job) } else if table[job] == [] { expected.ready.append(job) }
                if !succeeds || table[job] == [] { table[job] = nil }
            }
            expect(&predecessors, ended, succeeds ? .succeeded : .failed, expected)
            #expect(predecessors.isEmpty == table.isEmpty)
        }
    }
}
