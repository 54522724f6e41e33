import CorundLoop
import Varlink

@testable import CorundAPI

/// Values of the wire types, with every property set and with none that may be absent.
enum Samples {
    static let time = Timestamp(microseconds: 1_795_232_401_123_456)
    static let failure = Failure(kind: "Broken", message: "it broke", attempt: 2)
    static let fullFailure = {
        var full = failure
        full.status = 3
        return full
    }()
    static let attempt = Attempt(attempt: 1, state: .succeeded, failure: nil, startedAt: time, finishedAt: time)
    static let fullAttempt = Attempt(
        attempt: 1, state: .failed, failure: failure, startedAt: time, finishedAt: time)

    static let fullSubmission = {
        var submission = Submission(job: "echo", arguments: .emptyObject)
        submission.key = "key"
        submission.context = "context"
        submission.group = "group"
        submission.priority = -5
        submission.delayMilliseconds = 1
        submission.notBefore = time
        submission.after = ["1"]
        submission.timeoutMilliseconds = 2
        submission.maxAttempts = 3
        submission.labels = ["a": "b"]
        return submission
    }()

    static let job = Job(
        id: "7", job: "echo", state: .queued, arguments: nil, attempt: 0, maxAttempts: 1, context: "shared",
        group: "echo",
        priority: 0, labels: [:], ownerUID: 1000, submittedAt: time)

    static let fullJob = {
        var full = job
        full.arguments = .emptyObject
        full.result = .emptyObject
        full.failure = failure
        full.key = "key"
        full.progress = 0.5
        full.progressNote = "half"
        full.notBefore = time
        full.startedAt = time
        full.finishedAt = time
        full.after = ["1"]
        full.attempts = [fullAttempt]
        return full
    }()

    static let fullEvent = {
        var event = Event(id: "7", sequence: 1, at: time)
        event.state = .timedOut
        event.progress = Event.Progress(fraction: 0.25, note: "a quarter")
        event.output = Event.Output(stream: "stdout", base64: "QQ==")
        event.message = Event.Message(level: "info", text: "hello")
        return event
    }()

    static let kind = Kind(
        name: "echo", summary: "", argumentsSchema: nil, durable: true, group: "echo", timeoutMilliseconds: nil,
        maxAttempts: 1)
    static let fullKind = Kind(
        name: "echo", summary: "", argumentsSchema: .emptyObject, durable: true, group: "echo", timeoutMilliseconds: 5,
        maxAttempts: 1, crashPolicy: .fail)

    static let fullFilter = {
        var filter = JobFilter()
        filter.states = [.queued, .timedOut]
        filter.job = "echo"
        filter.group = "echo"
        filter.label = "a=b"
        filter.limit = 10
        filter.before = "7"
        return filter
    }()

    static let histogram = HistogramSummary(count: 1, minimum: 2, p50: 3, p90: 4, p99: 5, maximum: 6)
    static let context = ContextInfo(name: "shared", jobs: 1, variables: ["counter": "1"])

    static let task = TaskInfo(
        id: "2", parent: nil, name: "task 2", job: nil, state: "ready", waitingFor: nil, createdAt: time,
        createdIn: "a.swift:1", loopTimeMicroseconds: 3, context: "shared")
    static let fullTask = TaskInfo(
        id: "2", parent: "1", name: "task 2", job: "7", state: "waiting", waitingFor: "sleep", createdAt: time,
        createdIn: "a.swift:1", loopTimeMicroseconds: 3, context: "shared")

    static func group(limit: Int?) -> Group {
        Group(name: "echo", running: 1, queued: 2, limit: limit, paused: false)
    }

    static func statistics(paused: Bool?, otherGroups: Int?) -> Statistics {
        Statistics(
            version: "1.2.3", startedAt: time, uptimeMilliseconds: 1, debug: true, draining: false, paused: paused,
            jobs: ["queued": 1], groups: [group(limit: nil)], otherGroups: otherGroups, ticks: 2, loopLag: histogram,
            submitToStart: histogram, runTime: histogram, tasks: 3, timers: 4, connections: 5,
            pool: BlockingPoolCounts(threads: 2, busy: 1, queued: 3), residentBytes: 6)
    }
}
