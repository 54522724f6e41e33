import CorundLoop
import Testing

@testable import CorundService

struct EventBudgetTests {
    private typealias Entry = EventBudget.Entry

    @Test func whatIsLittleStays() {
        var budget = EventBudget()
        for _ in 0..<EventBudget.mostEvents {
            let isTime = budget.add(100)
            #expect(!isTime)
        }
        #expect(budget.bytes == 100 * EventBudget.mostEvents)
        #expect(EventBudget.surplus([]) == [])
        #expect(EventBudget.surplus((1...7000).map { Entry(sequence: $0, isState: false, size: 1) }) == [])
    }

    @Test(arguments: [1, 40, 5000, 1 << 20, 100 << 20])
    func itIsSeldomTimeToTrim(size: Int) {
        var budget = EventBudget()
        let times = (0..<100_000).count { _ in budget.add(size) }
        let quarter = min(EventBudget.mostEvents / 4, max(1, EventBudget.mostBytes / 4 / size))
        #expect(times <= 100_000 / quarter + 1)
        #expect(times >= 100_000 / quarter / 2)
        #expect(budget.bytes <= EventBudget.mostBytes)
    }

    /// As a job's events come, one by one, of any size.
    @Test(arguments: 0..<12)
    func whateverComesTheBoundsAreKept(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let largest = [10, 1000, 100_000, 3 << 20][Int(seed % 4)]
        let states = [1, 2, 1000][Int(seed % 3)]  // one of so many events is a state
        var budget = EventBudget()
        var kept: [Entry] = []
        var (head, headBytes) = (0, 0)  // the first events, as far as they take a quarter of what is allowed
        for sequence in 1...15_000 {
            let size = Int.random(in: 1...largest, using: &generator)
            let isState = Int.random(in: 1...states, using: &generator) == 1
            let event = Entry(sequence: sequence, isState: isState, size: isState ? 40 : size)
            kept.append(event)
            headBytes += event.size
            if sequence <= EventBudget.head, headBytes <= EventBudget.mostBytes / 4 { head = sequence }
            guard budget.add(event.size) else { continue }
            let surplus = Set(EventBudget.surplus(kept))
            kept.removeAll { surplus.contains($0.sequence) }
            let bytes = kept.reduce(0) { $0 + $1.size }
            #expect(kept.last?.sequence == sequence, "the last event was trimmed")
            #expect(kept.count <= EventBudget.mostEvents * 3 / 4)
            #expect(bytes <= EventBudget.mostBytes)
            #expect(kept.prefix(head).map(\.sequence) == Array(1..<head + 1), "of the first ones some were trimmed")
        }
    }

    @Test func statesGoLast() {
        let events = (1...12_000).map { Entry(sequence: $0, isState: $0 % 2 == 0, size: 10) }
        let surplus = EventBudget.surplus(events)
        #expect(surplus.count == 4500)
        #expect(surplus.allSatisfy { $0 % 2 == 1 })
        let states = (1...12_000).map { Entry(sequence: $0, isState: true, size: 10) }
        #expect(EventBudget.surplus(states) == Array(101...4600))
    }
}
