package import CorundAPI
import Varlink

/// Jobs in words.
package struct JobReport {
    private let style: Style
    private let now: Timestamp

    package init(_ style: Style, now: Timestamp) {
        self.style = style
        self.now = now
    }

    // MARK: Many

    package static let columns: [Table.Column] = [
        .number("ID"), .text("KIND"), .text("STATE"), .number("AGE"), .number("TIME"), .text("ATTEMPT"), .text("GROUP"),
        .text("NOTE"),
    ]

    /// A row under ``columns``.
    package func row(_ job: Job) -> [Table.Cell] {
        [
            Table.Cell(job.id), Table.Cell(job.job), Table.Cell(job.state.rawValue, job.state.colour),
            Table.Cell(SpanText.age(of: job.submittedAt, at: now)), Table.Cell(runningTime(job) ?? ""),
            Table.Cell("\(job.attempt)/\(Self.limit(job.maxAttempts))"), Table.Cell(job.group),
            Table.Cell(note(job) ?? ""),
        ]
    }

    /// Attempts that a job has; 0 is without limit.
    private static func limit(_ maxAttempts: Int) -> String {
        maxAttempts == 0 ? "∞" : "\(maxAttempts)"
    }

    private func runningTime(_ job: Job) -> String? {
        job.startedAt.map { SpanText.between($0, job.finishedAt ?? now) }
    }

    private func note(_ job: Job) -> String? {
        if let failure = job.failure { return failure.message }
        if job.state == .scheduled, let start = job.notBefore, start > now {
            return "in \(SpanText.age(of: now, at: start))"
        }
        guard job.state == .running else { return nil }
        return Self.progress(job.progress, job.progressNote)
    }

    static func progress(_ fraction: Double?, _ note: String?) -> String? {
        let parts = [fraction.map(percent), note].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private static func percent(_ fraction: Double) -> String {
        fraction.isFinite ? "\(Int((min(max(fraction, 0), 1) * 100).rounded(.down)))%" : "?%"
    }

    // MARK: One

    /// How a job ended, in one line: its id, its state, and its result or what went wrong.
    package func outcome(_ job: Job) -> String {
        let words = [
            job.id.printable, style.paint(job.state.rawValue, job.state.colour),
            job.result?.onOneLine ?? job.failure.map(Self.failure) ?? "",
        ]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    package static func failure(_ failure: Failure) -> String {
        "\(failure.message.printable) (\(failure.kind.printable)\(failure.status.map { ", status \($0)" } ?? ""))"
    }

    /// All there is to say about a job: a name and a value to a line.
    package func details(_ job: Job) -> [String] {
        var facts = Facts(style)
        facts.add("id", job.id)
        facts.add("job", job.job)
        facts.add("state", job.state.rawValue, job.state.colour)
        facts.add("attempt", "\(job.attempt) of \(Self.limit(job.maxAttempts))")
        if job.state == .running { facts.add("progress", Self.progress(job.progress, job.progressNote)) }
        facts.add("arguments", job.arguments?.onOneLine)
        facts.add("result", job.result?.onOneLine)
        facts.add("failure", job.failure.map { "\(Self.failure($0)), attempt \($0.attempt)" })
        addPlacement(of: job, to: &facts)
        addTimes(of: job, to: &facts)
        return facts.lines + (job.attempts.map { [""] + earlier($0) } ?? [])
    }

    private func addPlacement(of job: Job, to facts: inout Facts) {
        facts.add("group", job.group)
        facts.add("context", job.context)
        facts.add("priority", "\(job.priority)")
        facts.add("key", job.key)
        facts.add("labels", Facts.pairs(job.labels))
        facts.add("after", job.after?.joined(separator: ", "))
        facts.add("owner", "uid \(job.ownerUID)")
    }

    private func addTimes(of job: Job, to facts: inout Facts) {
        facts.add("submitted", moment(job.submittedAt))
        facts.add("not before", job.notBefore?.description)
        facts.add("started", job.startedAt.map(moment))
        facts.add("finished", job.finishedAt.map(moment))
        facts.add("running time", runningTime(job))
    }

    /// The attempts before the present one: a line for each.
    private func earlier(_ attempts: [Attempt]) -> [String] {
        attempts.map { attempt in
            let words = [
                "attempt \(attempt.attempt)", style.paint(attempt.state.rawValue, attempt.state.colour),
                "\(attempt.startedAt)", "for \(SpanText.between(attempt.startedAt, attempt.finishedAt))",
                attempt.failure.map(Self.failure),
            ]
            return "  " + words.compactMap(\.self).joined(separator: " ")
        }
    }

    private func moment(_ timestamp: Timestamp) -> String {
        "\(timestamp) (\(SpanText.age(of: timestamp, at: now)) ago)"
    }
}
