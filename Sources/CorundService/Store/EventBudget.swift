/// How much of what happens to a job is kept: its first events and its last ones; what is between goes when it is too
/// much.
///
/// Pure.
struct EventBudget: Equatable {
    /// The first events of a job, which stay.
    static let head = 100
    static let mostEvents = 10_000
    static let mostBytes = 16 << 20

    private var events = 0
    private(set) var bytes = 0

    /// Counts one more event.
    ///
    /// - Returns: how many bytes of older events are to go; 0: none. A quarter goes at once, so that it is seldom.
    mutating func add(_ size: Int) -> Int {
        events += 1
        bytes += size
        guard events > Self.mostEvents || bytes > Self.mostBytes else { return 0 }
        let surplus = max(bytes / 4, bytes - Self.mostBytes * 3 / 4)
        bytes -= surplus
        events -= events / 4
        return surplus
    }
}
