import Testing

@testable import CorundLoop

struct TimerHeapTests {
    final class Element: IndexedHeapElement {
        let number: Int
        var heapIndex: Int?

        init(_ number: Int) {
            self.number = number
        }
    }

    /// The same in the simplest way: an array, sorted by deadline and order of insertion.
    struct Model {
        private(set) var entries: [(deadline: LoopTime, element: Element)] = []

        mutating func insert(_ element: Element, at deadline: LoopTime) {
            let place = entries.firstIndex { $0.deadline > deadline } ?? entries.endIndex
            entries.insert((deadline, element), at: place)
        }

        mutating func remove(_ element: Element) {
            entries.removeAll { $0.element === element }
        }

        mutating func popDue(at now: LoopTime) -> Element? {
            guard let first = entries.first, first.deadline <= now else { return nil }
            return entries.removeFirst().element
        }
    }

    @Test(arguments: UInt64(1)...20)
    func theHeapDoesWhatASortedArrayDoes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var heap = TimerHeap<Element>()
        var model = Model()
        for number in 0..<2000 {
            let time = LoopTime(nanoseconds: .random(in: 0..<64, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4:
                let element = Element(number)
                heap.insert(element, at: time)
                model.insert(element, at: time)
            case 4..<6:
                guard let victim = model.entries.randomElement(using: &random)?.element else { continue }
                model.remove(victim)
                let (removed, removedTwice) = (heap.remove(victim), heap.remove(victim))
                #expect(removed && !removedTwice && victim.heapIndex == nil)
            default:
                let (popped, expected) = (heap.popDue(at: time), model.popDue(at: time))
                #expect(popped === expected)
            }
            #expect(heap.count == model.entries.count && heap.isEmpty == model.entries.isEmpty)
            #expect(heap.nextDeadline == model.entries.first?.deadline)
        }
        while let expected = model.popDue(at: .distantFuture) {
            let popped = heap.popDue(at: .distantFuture)
            #expect(popped === expected)
        }
        #expect(heap.isEmpty)
    }

    @Test func everyElementKnowsThatItIsOutAfterRemoveAll() {
        var heap = TimerHeap<Element>()
        let elements = (0..<10).map(Element.init)
        for element in elements { heap.insert(element, at: LoopTime(nanoseconds: 1)) }
        let removed = heap.removeAll()
        #expect(Set(removed.map(\.number)) == Set(0..<10))
        #expect(heap.isEmpty && elements.allSatisfy { $0.heapIndex == nil })
    }

    @Test func oneMillionCancelledTimersLeaveNoCapacityBehind_R39() {
        var random = SplitMix64(seed: 39)
        var heap = TimerHeap<Element>()
        var elements = (0..<1_000_000).map(Element.init)
        for element in elements {
            heap.insert(element, at: LoopTime(nanoseconds: .random(in: 0..<1000, using: &random)))
        }
        elements.shuffle(using: &random)
        for element in elements { heap.remove(element) }
        #expect(heap.isEmpty)
        #expect(heap.capacity <= 2048)
    }

    @Test func aSmallHeapKeepsItsStorage() {
        var heap = TimerHeap<Element>()
        let elements = (0..<100).map(Element.init)
        for element in elements { heap.insert(element, at: LoopTime(nanoseconds: 1)) }
        let before = heap.capacity
        for element in elements { heap.remove(element) }
        #expect(heap.capacity == before)
    }
}
