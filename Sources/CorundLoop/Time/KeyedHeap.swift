/// What a ``KeyedHeap`` holds: it remembers its own place, so that it can be taken out from the middle.
@usableFromInline
package protocol KeyedHeapElement: AnyObject {
    /// Kept by the heap; nil while the element is in none.
    var heapIndex: Int32? { get set }
    /// Of two elements with one key, the one with the lower number comes first.
    var rank: UInt64 { get }
}

/// Elements by key, the least first; any of them can be removed in O(log n).
///
/// A removed element is gone at once. (asyncio marks a cancelled timer and waits until it comes to the top, so that a
/// server which sets a long timeout for each request and cancels it holds all of them.)
///
/// For millions of timers and jobs: sixteen bytes for each, because the element itself breaks ties; and inlinable, because
/// the compiler does not specialise a generic type for another module otherwise.
@usableFromInline
package struct KeyedHeap<Element: KeyedHeapElement> {
    @usableFromInline
    struct Node {
        @usableFromInline let key: Int64
        @usableFromInline let element: Element

        @inlinable
        init(key: Int64, element: Element) {
            self.key = key
            self.element = element
        }

        @inlinable
        func precedes(_ other: Node) -> Bool {
            key == other.key ? element.rank < other.element.rank : key < other.key
        }
    }

    @usableFromInline var nodes: [Node] = []

    /// Below this many nodes the storage is never given back.
    @inlinable static var smallestShrink: Int { 64 }

    @inlinable package init() {}

    @inlinable package var count: Int { nodes.count }
    @inlinable package var isEmpty: Bool { nodes.isEmpty }
    @inlinable package var first: Element? { nodes.first?.element }
    @inlinable package var firstKey: Int64? { nodes.first?.key }
    /// What is in the heap, in no order.
    @inlinable package var elements: [Element] { nodes.map(\.element) }
    var capacity: Int { nodes.capacity }

    @inlinable
    package mutating func insert(_ element: Element, at key: Int64) {
        precondition(element.heapIndex == nil, "an element is in a heap already")
        nodes.append(Node(key: key, element: element))
        siftUp(nodes.count - 1)
    }

    @inlinable
    package func contains(_ element: Element) -> Bool {
        guard let index = element.heapIndex.map(Int.init), index < nodes.count else { return false }
        return nodes[index].element === element
    }

    /// Takes `element` out, wherever it is; false when it is not in this heap.
    @discardableResult
    @inlinable
    package mutating func remove(_ element: Element) -> Bool {
        guard contains(element), let index = element.heapIndex else { return false }
        removeNode(at: Int(index))
        return true
    }

    /// Takes out the first element.
    @inlinable
    package mutating func popFirst() -> Element? {
        guard let first else { return nil }
        removeNode(at: 0)
        return first
    }

    /// Takes out all elements, in no order.
    @inlinable
    package mutating func removeAll() -> [Element] {
        let elements = elements
        for element in elements { element.heapIndex = nil }
        nodes = []
        return elements
    }

    @inlinable
    mutating func removeNode(at index: Int) {
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

    @inlinable
    mutating func place(_ node: Node, at index: Int) {
        nodes[index] = node
        node.element.heapIndex = Int32(index)
    }

    @inlinable
    mutating func siftUp(_ start: Int) {
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

    @inlinable
    mutating func siftDown(_ start: Int) {
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
