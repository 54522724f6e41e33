import Foundation

/// What has happened, told on one thread and waited for on another.
final class Happenings: @unchecked Sendable {
    // SAFETY: `told` is read and changed under `condition` alone.
    private let condition = NSCondition()
    private var told: [String] = []

    /// Longest wait for anything; reached only when a test fails.
    static let patience: TimeInterval = 30

    func tell(_ what: String) {
        condition.withLock {
            told.append(what)
            condition.broadcast()
        }
    }

    var all: [String] { condition.withLock { told } }

    func count(of text: String) -> Int { all.count { $0.contains(text) } }

    /// Waits until something that contains `text` was told `times` times; false when that takes too long.
    func wait(for text: String, times: Int = 1) -> Bool {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        return condition.withLock {
            while told.count(where: { $0.contains(text) }) < times {
                guard condition.wait(until: deadline) else { return false }
            }
            return true
        }
    }
}
