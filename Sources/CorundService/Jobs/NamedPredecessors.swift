/// What became of a job that another one is to wait for.
enum PredecessorFate {
    case lives
    case ended(JobState)
    /// It had not succeeded.
    case forgotten
}

/// The jobs that submissions name which are being recorded, and which of them are forgotten meanwhile without having
/// succeeded.
///
/// Pure.
struct NamedPredecessors {
    private struct Entry {
        var submissions = 0
        var isForgotten = false
    }

    private var entries: [JobID: Entry] = [:]

    /// A submission that names these is being recorded.
    mutating func begin(_ ids: [JobID]) {
        for id in ids { entries[id, default: Entry()].submissions += 1 }
    }

    /// It is with the scheduler, or was refused.
    mutating func end(_ ids: [JobID]) {
        for id in ids {
            entries[id]?.submissions -= 1
            if entries[id]?.submissions == 0 { entries[id] = nil }
        }
    }

    mutating func wasForgotten(_ id: JobID) {
        entries[id]?.isForgotten = true
    }

    func isForgotten(_ id: JobID) -> Bool {
        entries[id]?.isForgotten == true
    }
}
