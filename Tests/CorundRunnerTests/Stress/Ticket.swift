import Synchronization

/// Stands for a closure that was handed to a loop: counts the calls, and how many such closures there are.
final class Ticket: Sendable {
    private static let live = Atomic(0)
    private let calls = Atomic(0)

    /// How many have not been let go of.
    static var count: Int { live.load(ordering: .acquiring) }

    init() {
        Self.live.add(1, ordering: .relaxed)
    }

    deinit {
        Self.live.subtract(1, ordering: .releasing)
    }

    func noteCall() {
        calls.add(1, ordering: .relaxed)
    }

    var callCount: Int { calls.load(ordering: .relaxed) }
}
