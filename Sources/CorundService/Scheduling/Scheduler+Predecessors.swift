import CorundAPI
import CorundLoop
import DequeModule

/// What became of all that a job has waited for.
enum SuccessorFate {
    case ready(JobID)
    case hopeless(JobID, reason: String)

    var successor: JobID {
        switch self {
        case .ready(let id), .hopeless(let id, _): id
        }
    }
}

/// Jobs that wait for others.
extension Scheduler {
    func hold(_ job: JobExecution, after names: [JobID]) {
        predecessors.add(job.id, after: names)
        successors[job.id] = job
        queue.join(job)
    }

    /// A job that others may wait for has come to its end: they start, or are cancelled, soon.
    ///
    /// An interrupted one is waited for further, since it may run again.
    func predecessorEnded(_ id: JobID, _ state: JobState) {
        decideSuccessors(of: id, after: state, state.inWords)
    }

    /// A job that others may wait for has been forgotten, and has not succeeded: they wait in vain.
    func predecessorForgotten(_ id: JobID) {
        decideSuccessors(of: id, after: .cancelled, "has been forgotten")
    }

    private func decideSuccessors(of id: JobID, after state: JobState, _ inWords: String) {
        guard !predecessors.isEmpty else { return }
        let verdict = predecessors.ended(id, state)
        fates += verdict.ready.map { .ready($0) }
        fates += verdict.hopeless.map { .hopeless($0, reason: "job \(id), which it waits for, \(inWords)") }
        if !isTellingSuccessors { tellSuccessors() }
    }

    /// One after another and so many in a tick: the end of one successor may be what others have waited for, and the
    /// chain may be as long as the queue.
    private func tellSuccessors() {
        isTellingSuccessors = true
        for _ in 0..<Self.batch {
            guard let fate = fates.popFirst() else { break }
            if let job = successors[fate.successor] { tell(job, fate) }
        }
        isTellingSuccessors = !fates.isEmpty
        if isTellingSuccessors { _ = try? loop.callSoon { [unowned self] in tellSuccessors() } }
        startNext()
    }

    private func tell(_ job: JobExecution, _ fate: SuccessorFate) {
        switch fate {
        case .hopeless(_, let reason): cancel(job, .request(reason: reason))
        case .ready:
            successors[job.id] = nil
            guard job.machine.phase == .queued else { return }  // its time is still to come
            queue.release(job)
            job.admittedAt = loop.tickStartedAt
            queue.insert(job, readySince: job.admittedAt, at: job.admittedAt)
        }
    }
}

extension JobState {
    /// What a job of that state did, after its name.
    fileprivate var inWords: String {
        switch self {
        case .failed: "has failed"
        case .cancelled: "was cancelled"
        case .timedOut: "has timed out"
        case .succeeded: "has succeeded"
        case .interrupted: "was interrupted"
        case .scheduled, .queued, .running: "has not ended"
        }
    }
}
