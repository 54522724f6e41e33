import Testing

@testable import CorundLoop

struct TaskRegistryTests {
    private func record(_ number: Int) -> TaskRecord {
        TaskRecord(in: Context(), name: "\(number)")
    }

    @Test func theRegistryKnowsTheLiveOnesAlone() {
        var registry = TaskRegistry()
        let records = (0..<5).map(record)
        for record in records { registry.insert(record) }
        registry.remove(records[1])
        registry.remove(records[3])
        #expect(registry.count == 3)
        #expect(registry.live.map(\.name) == ["0", "2", "4"])
    }

    @Test func removingTwiceDoesNothing() {
        var registry = TaskRegistry()
        let (first, second) = (record(1), record(2))
        registry.insert(first)
        registry.remove(first)
        registry.insert(second)
        registry.remove(first)
        #expect(registry.live.map(\.name) == ["2"])
    }

    @Test func aRecordIsLetGoOf() {
        var registry = TaskRegistry()
        weak var released: TaskRecord?
        do {
            let record = record(1)
            released = record
            registry.insert(record)
            registry.remove(record)
        }
        #expect(released == nil && registry.count == 0)
    }

    @Test func theRegistryDoesWhatASetDoes() {
        var random = SplitMix64(seed: 7)
        var registry = TaskRegistry()
        var model: [ObjectIdentifier: TaskRecord] = [:]
        for number in 0..<5000 {
            if Bool.random(using: &random) || model.isEmpty {
                let record = record(number)
                registry.insert(record)
                model[ObjectIdentifier(record)] = record
            } else if let victim = model.randomElement(using: &random)?.value {
                registry.remove(victim)
                model[ObjectIdentifier(victim)] = nil
            }
        }
        #expect(registry.count == model.count)
        #expect(Set(registry.live.map(ObjectIdentifier.init)) == Set(model.keys))
    }
}
