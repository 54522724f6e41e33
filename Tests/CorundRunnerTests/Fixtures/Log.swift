import Synchronization

/// What happened, in order, whichever thread it happened on.
final class Log<Entry: Sendable>: Sendable {
    private let state = Mutex<[Entry]>([])

    func append(_ entry: Entry) {
        state.withLock { $0.append(entry) }
    }

    var entries: [Entry] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }
}
