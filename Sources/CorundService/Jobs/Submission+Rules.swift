import CorundAPI

// What a submission means and what is allowed in it, apart from its kind. Pure.
extension Submission {
    private static let priorities = -100...100
    /// Bytes of a key, a context's, a group's or a label's name, a label's value.
    private static let longestName = 1024
    private static let mostLabels = 64
    private static let mostPredecessors = 1000

    /// The name of the first member whose value is not allowed; nil when all are.
    var wrongMember: String? {
        if !Self.priorities.contains(priority ?? 0) { return "priority" }
        if delayMilliseconds ?? 0 < 0 { return "delay_ms" }
        if delayMilliseconds != nil, notBefore != nil { return "not_before" }
        if timeoutMilliseconds ?? 1 < 1 { return "timeout_ms" }
        if maxAttempts ?? 1 < 0 { return "max_attempts" }
        if after?.count ?? 0 > Self.mostPredecessors { return "after" }
        for (member, name) in [("key", key), ("context", context), ("group", group)] {
            if let name, !Self.isName(name) { return member }
        }
        return labels.map(Self.areAllowed) == false ? "labels" : nil
    }

    /// Whether keys, contexts and groups may be called that.
    ///
    /// Not with a NUL, at which SQLite's text ends.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= longestName && !name.utf8.contains(0)
    }

    private static func areAllowed(_ labels: [String: String]) -> Bool {
        labels.count <= mostLabels
            && labels.allSatisfy { name, value in
                !name.isEmpty && !name.contains("=") && name.utf8.count <= longestName
                    && value.utf8.count <= longestName
            }
    }

    /// How long the job has to wait from `now` on; nil: not at all.
    func delay(at now: Timestamp) -> Duration? {
        guard let start = start(at: now), start > now else { return nil }
        return .microseconds(start.microseconds - now.microseconds)
    }

    /// When the job may start; nil: at once.
    func start(at now: Timestamp) -> Timestamp? {
        if let notBefore { return notBefore }
        guard let delayMilliseconds, delayMilliseconds > 0 else { return nil }
        return now.advanced(by: .milliseconds(delayMilliseconds))
    }
}
