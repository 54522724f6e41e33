/// What a ``KeyedHeap`` holds: it remembers its own place, so that it can be taken out from the middle.
protocol KeyedHeapElement: AnyObject {
    /// Kept by the heap; nil while the element is in none.
    var heapIndex: Int32? { get set }
    /// Of two elements with one key, the one with the lower number comes first.
    var rank: UInt64 { get }
}

/// Elements by key, the least first; any of them can be removed in O(log n).
///
/// `IndexedHeap` of CorundLoop does the same for timers. This one is for millions of jobs: sixteen bytes for each,
/// because the element itself breaks ties, and it belongs to this module, without which the compiler does not
/// specialise it.
struct KeyedHeap<Element: KeyedHeapElement> {
    private struct Node {
        let key: Int64
        let element: Element

        func precedes(_ other: Node) -> Bool {
            key == other.key ? element.rank < other.element.rank : key < other.key
        }
    }

    private var nodes: [Node] = []

    /// Below this many nodes the storage is never given back.
    private static var smallestShrink: Int { 64 }

    var count: Int { nodes.count }
    var isEmpty: Bool { nodes.isEmpty }
    var first: Element? { nodes.first?.element }
    var firstKey: Int64? { nodes.first?.key }

    mutating func insert(_ element: Element, at key: Int64) {
        precondition(element.heapIndex == nil, "an element is in a heap already")
        nodes.append(Node(key: key, element: element))
        siftUp(nodes.count - 1)
    }

    func contains(_ element: Element) -> Bool {
        guard let index = element.heapIndex.map(Int.init), index < nodes.count else { return false }
        return nodes[index].element === element
    }

    /// Takes `element` out, wherever it is; false when it is not in this heap.
    @discardableResult
    mutating func remove(_ element: Element) -> Bool {
        guard contains(element), let index = element.heapIndex else { return false }
        removeNode(at: Int(index))
        return true
    }

    /// Takes out the first element.
    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        removeNode(at: 0)
        return first
    }

    /// Takes out all elements, in no order.
    mutating func removeAll() -> [Element] {
        let elements = nodes.map(\.element)
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
        node.element.heapIndex = Int32(index)
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
