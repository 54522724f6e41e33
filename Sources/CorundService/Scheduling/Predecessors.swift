import CorundAPI

/// Which jobs wait for which others.
///
/// There are no circles: a job can name only those that were there before it. Pure.
struct Predecessors {
    /// What the end of a job means to those that wait for it, in the order of their ids.
    struct Verdict: Equatable {
        /// These wait for nobody any more.
        var ready: [JobID] = []
        /// These wait in vain.
        var hopeless: [JobID] = []
    }

    private struct Wait {
        let names: [JobID]
        var left: Int
    }

    private var waits: [JobID: Wait] = [:]
    private var successors: [JobID: Set<JobID>] = [:]

    var isEmpty: Bool { waits.isEmpty }

    /// `job` waits for all of `names`, which have not ended, and of which there is one at least.
    mutating func add(_ job: JobID, after names: [JobID]) {
        let names = names.count == 1 ? names : Array(Set(names))
        waits[job] = Wait(names: names, left: names.count)
        for name in names { successors[name, default: []].insert(job) }
    }

    /// A job has come to `state`.
    mutating func ended(_ job: JobID, _ state: JobState) -> Verdict {
        switch state {
        case .succeeded: succeeded(job)
        case .failed, .cancelled, .timedOut: failed(job)
        case .interrupted, .scheduled, .queued, .running: Verdict()  // it may run again
        }
    }

    /// `job` waits no more, for whatever reason.
    mutating func remove(_ job: JobID) {
        guard let wait = waits.removeValue(forKey: job) else { return }
        for name in wait.names {
            guard successors[name]?.remove(job) != nil, successors[name]?.isEmpty == true else { continue }
            successors[name] = nil
        }
    }

    private mutating func succeeded(_ job: JobID) -> Verdict {
        var verdict = Verdict()
        for successor in (successors.removeValue(forKey: job) ?? []).sorted() {
            waits[successor]?.left -= 1
            guard waits[successor]?.left == 0 else { continue }
            waits[successor] = nil
            verdict.ready.append(successor)
        }
        return verdict
    }

    private mutating func failed(_ job: JobID) -> Verdict {
        let hopeless = (successors.removeValue(forKey: job) ?? []).sorted()
        for successor in hopeless { remove(successor) }
        return Verdict(hopeless: hopeless)
    }
}
