import Testing

@testable import CorundLoop

struct SeededOrderTests {
    /// A name that says in which lane the item is.
    private func lane(of item: String) -> SeededOrder.Lane? {
        item.hasPrefix("callback") ? .callbacks : item.hasPrefix("timer") ? .timers : nil
    }

    private func permuted(_ items: [String], seed: UInt64) -> [String] {
        var order = SeededOrder(seed: seed)
        var items = items
        order.permute(&items, keepingOrderIn: lane)
        return items
    }

    @Test func everyOrderThatKeepsTheLanesComesUp_R72() {
        let seen = Set((0..<200).map { permuted(["a", "callback 1", "callback 2"], seed: $0) })
        #expect(
            seen == [
                ["a", "callback 1", "callback 2"], ["callback 1", "a", "callback 2"],
                ["callback 1", "callback 2", "a"],
            ])
    }

    @Test func eachLaneKeepsItsOrderAndNothingIsLost_R72() {
        let items = (0..<40).map { ["task \($0)", "callback \($0)", "timer \($0)"][$0 % 3] }
        for seed in 0..<100 {
            let result = permuted(items, seed: UInt64(seed))
            #expect(result.sorted() == items.sorted())
            for prefix in ["callback", "timer"] {
                #expect(result.filter { $0.hasPrefix(prefix) } == items.filter { $0.hasPrefix(prefix) })
            }
        }
    }

    @Test func whoGaveWayComesAfterTheRest_R72() {
        for seed in 0..<100 {
            var order = SeededOrder(seed: UInt64(seed))
            var items = ["back 1", "a", "back 2", "callback 1", "b", "callback 2"]
            order.permute(&items, keepingOrderIn: lane) { $0.hasPrefix("back") }
            #expect(items[4...].allSatisfy { $0.hasPrefix("back") })
            #expect(items.sorted() == ["a", "b", "back 1", "back 2", "callback 1", "callback 2"])
        }
    }

    @Test func theSameSeedGivesTheSameOrders_R72() {
        let items = (0..<10).map { "task \($0)" }
        var (first, second) = (SeededOrder(seed: 3), SeededOrder(seed: 3))
        var results: [[[String]]] = [[], []]
        for _ in 0..<10 {
            var (one, other) = (items, items)
            first.permute(&one, keepingOrderIn: lane)
            second.permute(&other, keepingOrderIn: lane)
            results[0].append(one)
            results[1].append(other)
        }
        #expect(results[0] == results[1])
        #expect(Set(results[0]).count == 10, "each tick has an order of its own")
    }

    @Test func theNumbersOfASeedNeverChange_R72() {
        // A seed that was noted with one version must replay with the next: the generator's published test values.
        var random = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
        #expect(permuted(["a", "b", "c", "d", "e"], seed: 7) == ["b", "a", "e", "c", "d"])
    }
}
