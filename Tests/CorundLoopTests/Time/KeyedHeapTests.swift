import Testing

@testable import CorundLoop

struct KeyedHeapTests {
    private final class Item: KeyedHeapElement {
        let rank: UInt64
        var heapIndex: Int32?

        init(_ rank: UInt64) {
            self.rank = rank
        }
    }

    @Test func theLeastKeyComesFirstAndOfEqualOnesTheLowestRank() {
        var heap = KeyedHeap<Item>()
        for (rank, key) in [(4, 10), (2, 20), (1, 10), (3, -5)] { heap.insert(Item(UInt64(rank)), at: Int64(key)) }
        #expect(heap.firstKey == -5)
        let ranks = (0..<5).map { _ in heap.popFirst()?.rank }
        #expect(ranks == [3, 1, 4, 2, nil])
    }

    @Test func whatIsInOneHeapIsInNoOther() {
        var (heap, other) = (KeyedHeap<Item>(), KeyedHeap<Item>())
        let (item, stranger) = (Item(1), Item(2))
        heap.insert(item, at: 0)
        other.insert(stranger, at: 0)
        #expect(heap.contains(item) && !heap.contains(stranger))
        let removedFromOther = other.remove(item)
        #expect(!removedFromOther)
        let removed = heap.remove(item)
        let removedAgain = heap.remove(item)
        #expect(removed && !removedAgain)
        #expect(heap.isEmpty && other.count == 1)
    }

    @Test func oneMillionElementsThatAreTakenOutLeaveNoCapacityBehind_R39() {
        var random = SplitMix64(seed: 39)
        var heap = KeyedHeap<Item>()
        var items = (0..<1_000_000).map { Item(UInt64($0)) }
        for item in items { heap.insert(item, at: .random(in: 0..<1000, using: &random)) }
        items.shuffle(using: &random)
        for item in items { heap.remove(item) }
        #expect(heap.isEmpty)
        #expect(heap.capacity <= 128)
    }

    @Test func aSmallHeapKeepsItsStorage() {
        var heap = KeyedHeap<Item>()
        let items = (0..<20).map { Item($0) }
        for item in items { heap.insert(item, at: 1) }
        let before = heap.capacity
        for item in items { heap.remove(item) }
        #expect(heap.capacity == before)
    }

    @Test func allCanBeTakenOutAndPutIntoAnother() {
        var (heap, other) = (KeyedHeap<Item>(), KeyedHeap<Item>())
        for rank in 0..<10 { heap.insert(Item(UInt64(rank)), at: Int64(rank % 3)) }
        #expect(Set(heap.elements.map(\.rank)) == Set(0..<10))
        for item in heap.removeAll() { other.insert(item, at: 1) }
        #expect(heap.isEmpty)
        let ranks = (0..<10).map { _ in other.popFirst()?.rank }
        #expect(ranks == Array(0..<10))
    }

    /// Beside a list that is sorted anew at each step.
    @Test(arguments: UInt64(1)...20)
    func anyOrderOfStepsGivesTheOrderOfAList(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var heap = KeyedHeap<Item>()
        var list: [(key: Int64, item: Item)] = []
        for step in 0..<2000 {
            let isGrowing = step < 1000
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<(isGrowing ? 7 : 3):
                let item = Item(UInt64(step))
                let key = Int64.random(in: 0..<50, using: &generator)
                heap.insert(item, at: key)
                list.append((key, item))
            case 9:
                guard let index = list.indices.randomElement(using: &generator) else { continue }
                let removed = heap.remove(list.remove(at: index).item)
                #expect(removed)
            default:
                let first = list.indices.min { (list[$0].key, list[$0].item.rank) < (list[$1].key, list[$1].item.rank) }
                let expected = first.map { list.remove(at: $0).item }
                let popped = heap.popFirst()
                #expect(popped === expected)
                #expect(expected?.heapIndex == nil)
            }
            #expect(heap.count == list.count)
        }
    }
}
