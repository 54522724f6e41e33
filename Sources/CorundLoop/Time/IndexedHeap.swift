/// What an ``IndexedHeap`` holds: it remembers its own place, so that it can be taken out from the middle.
package protocol IndexedHeapElement: AnyObject {
    /// Kept by the heap; nil while the element is in none.
    var heapIndex: Int? { get set }
}

/// Elements by key, the least first, equal keys by order of insertion; any of them can be removed in O(log n).
///
/// A removed element is gone at once. (asyncio marks a cancelled timer and waits until it comes to the top, so that a
/// server which sets a long timeout for each request and cancels it holds all of them.)
package struct IndexedHeap<Key: Comparable, Element: IndexedHeapElement> {
    fileprivate struct Node {
        let key: Key
        let sequence: UInt64
        let element: Element

        func precedes(_ other: Node) -> Bool {
            key == other.key ? sequence < other.sequence : key < other.key
        }
    }

    fileprivate var nodes: [Node] = []
    private var nextSequence: UInt64 = 0

    /// Below this many nodes the storage is never given back.
    private static var smallestShrink: Int { 1024 }

    package init() {}

    package var count: Int { nodes.count }
    var capacity: Int { nodes.capacity }
    package var isEmpty: Bool { nodes.isEmpty }

    /// What is in the heap, in no order.
    package var elements: [Element] { nodes.map(\.element) }

    package mutating func insert(_ element: Element, at key: Key) {
        precondition(element.heapIndex == nil, "an element is in a heap already")
        nodes.append(Node(key: key, sequence: nextSequence, element: element))
        nextSequence += 1
        element.heapIndex = nodes.count - 1
        siftUp(nodes.count - 1)
    }

    /// Takes `element` out, wherever it is; false when it is in no heap.
    @discardableResult
    package mutating func remove(_ element: Element) -> Bool {
        guard let index = element.heapIndex else { return false }
        removeNode(at: index)
        return true
    }

    /// Takes out the first element.
    package mutating func popFirst() -> Element? {
        guard let first = nodes.first else { return nil }
        removeNode(at: 0)
        return first.element
    }

    /// Takes out all elements, in no order.
    package mutating func removeAll() -> [Element] {
        let elements = elements
        for element in elements { element.heapIndex = nil }
        nodes = []
        return elements
    }

    private mutating func removeNode(at index: Int) {
        nodes[index].element.heapIndex = nil
        let last = nodes.removeLast()
        if index < nodes.count {
            place(last, at: index)
            siftDown(index)
            siftUp(index)
        }
        if nodes.capacity > Self.smallestShrink, nodes.count < nodes.capacity / 4 {
            var smaller: [Node] = []
            smaller.reserveCapacity(nodes.capacity / 2)
            smaller.append(contentsOf: nodes)
            nodes = smaller
        }
    }

    private mutating func place(_ node: Node, at index: Int) {
        nodes[index] = node
        node.element.heapIndex = index
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        let node = nodes[start]
        while index > 0 {
            let parent = (index - 1) / 2
            guard node.precedes(nodes[parent]) else { break }
            place(nodes[parent], at: index)
            index = parent
        }
        place(node, at: index)
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        let node = nodes[start]
        while true {
            var child = 2 * index + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].precedes(nodes[child]) { child += 1 }
            guard nodes[child].precedes(node) else { break }
            place(nodes[child], at: index)
            index = child
        }
        place(node, at: index)
    }
}

/// Timers, by deadline.
typealias TimerHeap<Timer: IndexedHeapElement> = IndexedHeap<LoopTime, Timer>

extension IndexedHeap where Key == LoopTime {
    var nextDeadline: LoopTime? { nodes.first?.key }

    /// Takes out the first timer that is due at `now`.
    mutating func popDue(at now: LoopTime) -> Element? {
        guard let nextDeadline, nextDeadline <= now else { return nil }
        return popFirst()
    }
}
