import Synchronization

/// The door through which other threads hand work to a loop.
///
/// The guarantee: work that `push` accepted is seen by the loop before it sleeps again, and a wake-up (one write to
/// an eventfd) is made only for a loop that sleeps.
///
/// Why no wake-up is lost: `sleeping` and the items are under one lock. The loop declares that it sleeps and finds
/// the items empty in one step; a thread that pushes before that step makes the loop look again instead of
/// sleeping, and one that pushes after it sees `sleeping` and wakes. A second pusher need not wake again, because
/// the first cleared `sleeping`.
final class Inbox: Sendable {
    private struct State {
        var items: [ReadyItem] = []
        var isSleeping = false
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Read without the lock in each tick; only ever behind the truth while the loop is awake.
    private let mayHaveItems = Atomic(false)

    enum PushResult: Equatable {
        case accepted
        /// Accepted, and the loop sleeps: the caller must wake it.
        case wakeLoop
        case closed
    }

    func push(_ item: ReadyItem) -> PushResult {
        state.withLock { state in
            guard !state.isClosed else { return .closed }
            state.items.append(item)
            mayHaveItems.store(true, ordering: .releasing)
            guard state.isSleeping else { return .accepted }
            state.isSleeping = false
            return .wakeLoop
        }
    }

    /// Whether the next drain would take anything; never false for what was pushed on this thread.
    var hasItems: Bool { mayHaveItems.load(ordering: .acquiring) }

    /// Takes all items, in the order in which they came.
    ///
    /// `spare` is emptied and lent, so that storage is reused.
    func drain(into spare: inout [ReadyItem]) {
        state.withLock { state in
            swap(&state.items, &spare)
            mayHaveItems.store(false, ordering: .relaxed)
        }
    }

    /// What the next drain would take.
    func peek() -> [ReadyItem] {
        state.withLock { $0.items }
    }

    var count: Int { state.withLock { $0.items.count } }

    /// Declares that the loop is about to wait; false when there are items, and it must not.
    func prepareToSleep() -> Bool {
        state.withLock { state in
            guard state.items.isEmpty else { return false }
            state.isSleeping = true
            return true
        }
    }

    func wokeUp() {
        state.withLock { $0.isSleeping = false }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Refuses all later pushes, and gives back what was left.
    func close() -> [ReadyItem] {
        state.withLock { state in
            state.isClosed = true
            defer { state.items = [] }
            return state.items
        }
    }
}
