import CorundLoop

/// Decides which faults of clients are logged: one of each user in a minute, so that nobody can fill the log.
///
/// Pure: it is told the time, and has no timer. What was left out is said with the user's next fault.
struct FaultLedger {
    private struct Entry {
        let time: LoopTime
        var leftOut = 0
    }

    static let interval = Duration.seconds(60)
    /// Users that are told apart at a time; those beyond share one entry.
    static let userLimit = 256

    /// The last one that was logged of each user, and, without a user, of those beyond the limit.
    private var entries: [UInt32?: Entry] = [:]

    /// What to log of a fault; nil when it is left out.
    mutating func entry(for fault: String, of user: UInt32, at now: LoopTime) -> String? {
        let key = key(of: user, at: now)
        if let entry = entries[key], !isOver(entry, at: now) {
            entries[key]?.leftOut += 1
            return nil
        }
        let before = entries.updateValue(Entry(time: now), forKey: key)
        guard let before, before.leftOut > 0 else { return fault }
        return "\(fault) (faults left out before it: \(before.leftOut))"
    }

    private mutating func key(of user: UInt32, at now: LoopTime) -> UInt32? {
        if entries[user] == nil, entries.count >= Self.userLimit {
            entries = entries.filter { !isOver($0.value, at: now) }
        }
        return entries[user] != nil || entries.count < Self.userLimit ? user : nil
    }

    private func isOver(_ entry: Entry, at now: LoopTime) -> Bool {
        now >= entry.time + Self.interval
    }
}
