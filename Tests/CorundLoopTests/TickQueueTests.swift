import Testing

@testable import CorundLoop

struct TickQueueTests {
    @Test func aTickRunsWhatWasThereWhenItBegan() {
        var queue = TickQueue()
        for item in items(2) { queue.append(item) }
        let late = items(1)
        let ran = queue.runTick { queue in queue.append(contentsOf: late) }
        #expect(ran == 2)
        #expect(queue.next.count == 2)
        #expect(queue.runTick() == 2)
        #expect(queue.runTick() == 0)
    }

    @Test func whoLooksFromInsideFindsWhatRunsAndWhatWaits() {
        var queue = TickQueue()
        let (first, second, third) = (Handle {}, Handle {}, Handle {})
        queue.append(contentsOf: [.handle(first), .handle(second)])
        var seen: [[Handle]] = []
        _ = queue.runTick { queue in
            if seen.isEmpty { queue.append(.handle(third)) }
            seen.append(([queue.current].compactMap(\.self) + queue.waiting).compactMap(\.handle))
            #expect(queue.waitingCount == queue.waiting.count)
        }
        #expect(seen.count == 2)
        #expect(seen.first?.elementsEqual([first, second, third], by: ===) == true)
        #expect(seen.last?.elementsEqual([second, third], by: ===) == true)
        #expect(queue.current?.handle == nil && queue.waitingCount == 1)
    }

    @Test func aTickLetsGoOfWhatItRan() {
        var queue = TickQueue()
        weak var handle: Handle?
        do {
            let new = Handle {}
            handle = new
            queue.append(.handle(new))
        }
        #expect(handle != nil)
        _ = queue.runTick()
        #expect(handle == nil)
    }

    @Test(arguments: [(TickQueue.keptCapacity / 2, true), (TickQueue.keptCapacity + 1, false)])
    func storageIsUsedAgainUnlessThatWereTooMuch(count: Int, isKept: Bool) {
        var queue = TickQueue()
        for item in items(count) { queue.append(item) }
        _ = queue.runTick()
        _ = queue.runTick()
        #expect((queue.next.capacity >= count) == isKept)
    }

    @Test func whatIsTakenOutRunsNoMore() {
        var queue = TickQueue()
        for item in items(3) { queue.append(item) }
        #expect(queue.removeAll().count == 3)
        #expect(queue.runTick() == 0)
    }

    private func items(_ count: Int) -> [ReadyItem] {
        (0..<count).map { _ in .handle(Handle {}) }
    }
}

extension TickQueue {
    /// As a loop does; gives how many it ran.
    fileprivate mutating func runTick(_ run: (inout TickQueue) -> Void = { _ in }) -> Int {
        var batch = takeBatch()
        let count = batch.count
        batch.withUnsafeBufferPointer { items in
            begin(items)
            for _ in items {
                beginItem()
                run(&self)
            }
        }
        end()
        TickQueue.letGo(of: &batch)
        reuse(&batch)
        return count
    }
}

extension ReadyItem {
    fileprivate var handle: Handle? {
        if case .handle(let handle) = self { handle } else { nil }
    }
}
