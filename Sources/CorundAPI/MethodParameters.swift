package import Varlink

// The parameters and results of corund's methods, by their names on the wire: shared by the client, which writes
// the one and reads the other, and the daemon.

package struct SubmitParameters: Codable, Sendable {
    package var submission: Submission

    package init(submission: Submission) { self.submission = submission }
}

package struct SubmitResult: Codable, Sendable {
    package var id: String
    package var created: Bool

    package init(id: String, created: Bool) {
        self.id = id
        self.created = created
    }
}

package struct SubmitManyParameters: Codable, Sendable {
    package var submissions: [Submission]

    package init(submissions: [Submission]) { self.submissions = submissions }
}

package struct SubmitManyResult: Codable, Sendable {
    package var ids: [String]

    package init(ids: [String]) { self.ids = ids }
}

package struct RunParameters: Codable, Sendable {
    package var job: String
    package var arguments: RawJSON?
    package var context: String?
    package var timeout_ms: Int?
    package var keep: Bool?

    package init(job: String, arguments: RawJSON?, context: String?, timeout_ms: Int?, keep: Bool?) {
        self.job = job
        self.arguments = arguments
        self.context = context
        self.timeout_ms = timeout_ms
        self.keep = keep
    }
}

package struct RunResult: Codable, Sendable {
    package var result: RawJSON?
}

package struct IDParameters: Codable, Sendable {
    package var id: String

    package init(id: String) { self.id = id }
}

package struct JobResult: Codable, Sendable {
    package var job: Job

    package init(job: Job) { self.job = job }
}

package struct WatchParameters: Codable, Sendable {
    package var id: String
    package var from: Int?

    package init(id: String, from: Int?) {
        self.id = id
        self.from = from
    }
}

package struct EventResult: Codable, Sendable {
    package var event: Event

    package init(event: Event) { self.event = event }
}

package struct ListResult: Codable, Sendable {
    package var jobs: [Job]
    package var next: String?

    package init(jobs: [Job], next: String?) {
        self.jobs = jobs
        self.next = next
    }
}

package struct CancelParameters: Codable, Sendable {
    package var id: String
    package var reason: String?
    package var grace_ms: Int?

    package init(id: String, reason: String?, grace_ms: Int?) {
        self.id = id
        self.reason = reason
        self.grace_ms = grace_ms
    }
}

package struct CancelResult: Codable, Sendable {
    package var state: JobState
    package var stuck: Bool

    package init(state: JobState, stuck: Bool) {
        self.state = state
        self.stuck = stuck
    }
}

/// Of `Pause` and `Resume`.
package struct GroupParameters: Codable, Sendable {
    package var group: String?

    package init(group: String?) { self.group = group }
}

package struct KindsResult: Codable, Sendable {
    package var kinds: [Kind]

    package init(kinds: [Kind]) { self.kinds = kinds }
}

package struct ContextsResult: Codable, Sendable {
    package var contexts: [ContextInfo]

    package init(contexts: [ContextInfo]) { self.contexts = contexts }
}

package struct EnabledValue: Codable, Sendable {
    package var enabled: Bool

    package init(enabled: Bool) { self.enabled = enabled }
}

package struct DrainParameters: Codable, Sendable {
    package var timeout_ms: Int?

    package init(timeout_ms: Int?) { self.timeout_ms = timeout_ms }
}

package struct DrainResult: Codable, Sendable {
    package var running: Int

    package init(running: Int) { self.running = running }
}

package struct RetryResult: Codable, Sendable {
    package var id: String

    package init(id: String) { self.id = id }
}

package struct RemoveParameters: Codable, Sendable {
    package var ids: [String]

    package init(ids: [String]) { self.ids = ids }
}

package struct RemoveResult: Codable, Sendable {
    package var removed: Int

    package init(removed: Int) { self.removed = removed }
}

package struct TasksResult: Codable, Sendable {
    package var tasks: [TaskInfo]

    package init(tasks: [TaskInfo]) { self.tasks = tasks }
}

package struct MetricsResult: Codable, Sendable {
    package var text: String

    package init(text: String) { self.text = text }
}

package struct ReloadResult: Codable, Sendable, Equatable {
    package var changed: [String]
    /// Nil when there is nothing.
    package var needsRestart: [String]?

    package init(changed: [String], needsRestart: [String] = []) {
        self.changed = changed
        self.needsRestart = needsRestart.isEmpty ? nil : needsRestart
    }

    private enum CodingKeys: String, CodingKey {
        case changed
        case needsRestart = "needs_restart"
    }
}
