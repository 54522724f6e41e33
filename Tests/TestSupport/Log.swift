import Synchronization

/// What happened, in order, whichever thread it happened on.
package final class Log<Entry: Sendable>: Sendable {
    private let state = Mutex<[Entry]>([])

    package init() {}

    package func append(_ entry: Entry) {
        state.withLock { $0.append(entry) }
    }

    package var entries: [Entry] { state.withLock { $0 } }
    package var count: Int { state.withLock { $0.count } }
}
