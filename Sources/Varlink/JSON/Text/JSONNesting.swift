/// Which of the containers around a place are objects and which are arrays: one bit for each level.
///
/// The scanner keeps this instead of recursing, so that no depth limit, however large, can exhaust the stack.
struct JSONNesting {
    enum Container {
        case object
        case array
    }

    /// The innermost up to 64 levels, the lowest bit the innermost; set for an object.
    private var levels: UInt64 = 0
    /// Full words of levels further out; stays empty, and so unallocated, down to a depth of 64.
    private var outerLevels: [UInt64] = []
    private(set) var depth = 0

    var isEmpty: Bool { depth == 0 }

    /// Whether the innermost container is an object; meaningless when there is none.
    var isInObject: Bool { levels & 1 == 1 }

    @inline(__always)
    mutating func push(_ container: Container) {
        if depth > 0, depth % UInt64.bitWidth == 0 { outerLevels.append(levels) }
        levels = levels << 1 | (container == .object ? 1 : 0)
        depth += 1
    }

    @inline(__always)
    mutating func pop() {
        depth -= 1
        levels >>= 1
        if depth > 0, depth % UInt64.bitWidth == 0 { levels = outerLevels.removeLast() }
    }
}
