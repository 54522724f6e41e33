/// How much of what happens to a job is kept: its first events and its last ones; what is between goes when it is too
/// much.
///
/// Pure.
struct EventBudget: Equatable {
    /// The first events of a job, which stay unless they are large.
    static let head = 100
    static let mostEvents = 10_000
    static let mostBytes = 16 << 20
    private static let largestHead = mostBytes / 4

    private var events = 0
    /// Bytes that are kept, at most.
    private(set) var bytes = 0

    /// Counts one more event.
    ///
    /// - Returns: whether it is time for the ``surplus(_:)`` to go. A quarter goes at once, so that it is seldom.
    mutating func add(_ size: Int) -> Bool {
        events += 1
        bytes += size
        guard events > Self.mostEvents || bytes > Self.mostBytes else { return false }
        events = min(events, Self.eventsLeft)
        bytes = min(bytes, Self.bytesLeft)
        return true
    }

    private static let eventsLeft = mostEvents / 4 * 3
    private static let bytesLeft = mostBytes / 4 * 3

    /// An event that is recorded.
    struct Entry: Equatable {
        var sequence: Int
        var isState: Bool
        var size: Int
    }

    /// The numbers of the events that are to go: the oldest ones that do not belong to the head, states last.
    ///
    /// Never the last event: the number of the next one is counted from it.
    static func surplus(_ events: [Entry]) -> [Int] {
        var (count, bytes) = (events.count, events.reduce(0) { $0 + $1.size })
        let candidates = events.dropFirst(headCount(events)).dropLast()
        var surplus: [Int] = []
        for event in candidates.filter({ !$0.isState }) + candidates.filter(\.isState) {
            guard count > eventsLeft || bytes > bytesLeft else { break }
            count -= 1
            bytes -= event.size
            surplus.append(event.sequence)
        }
        return surplus
    }

    private static func headCount(_ events: [Entry]) -> Int {
        var bytes = 0
        let end = events.firstIndex { event in
            bytes += event.size
            return event.sequence > head || bytes > largestHead
        }
        return end ?? events.count
    }
}
