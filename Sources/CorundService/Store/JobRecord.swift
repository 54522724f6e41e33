import CorundAPI
import CorundLoop

/// All that is known of one detached job.
///
/// It belongs to the loop.
final class JobRecord {
    let id: JobID
    private(set) var job: Job
    private(set) var events: [Event] = []
    /// Notified at each change.
    let changed: LoopSignal

    /// Events kept of one job.
    ///
    /// After that, progress is kept as the job's latest only; states are always kept.
    private static let mostEvents = 10_000

    init(id: JobID, job: Job, changed: LoopSignal) {
        self.id = id
        self.job = job
        self.changed = changed
        append(at: job.submittedAt) { $0.state = job.state }
    }

    var isFinal: Bool { job.state.isFinal }

    /// The events from the number `sequence`, counted from 1, on.
    func events(from sequence: Int) -> ArraySlice<Event> {
        events.dropFirst(max(0, sequence - 1))
    }

    /// Changes the job as it comes into `state`.
    func enter(_ state: JobState, at time: Timestamp, _ change: (inout Job) -> Void) {
        job.state = state
        change(&job)
        append(at: time) { $0.state = state }
    }

    func report(_ progress: Event.Progress, at time: Timestamp) {
        job.progress = progress.fraction
        job.progressNote = progress.note
        guard events.count < Self.mostEvents else { return }
        append(at: time) { $0.progress = progress }
    }

    func log(_ message: Event.Message, at time: Timestamp) {
        guard events.count < Self.mostEvents else { return }
        append(at: time) { $0.message = message }
    }

    func write(_ output: Event.Output, at time: Timestamp) {
        guard events.count < Self.mostEvents else { return }
        append(at: time) { $0.output = output }
    }

    private func append(at time: Timestamp, _ fill: (inout Event) -> Void) {
        var event = Event(id: id.description, sequence: events.count + 1, at: time)
        fill(&event)
        events.append(event)
        changed.notify()
    }
}
