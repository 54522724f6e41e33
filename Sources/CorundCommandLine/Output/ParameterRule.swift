/// What a parameter must be, for people who are told that theirs was not accepted: the wire names it, and no more.
struct ParameterRule: Equatable {
    let text: String

    /// Nil for one that nobody need be told of.
    ///
    /// - Parameter path: such as `submissions[3].key`.
    init?(of path: String) {
        guard let text = path.split(separator: ".").last.flatMap({ Self.texts[String($0)] }) else { return nil }
        self.text = text
    }

    private static let name = "it has 1 to 1024 bytes, and no NUL"
    private static let texts = [
        "key": "\(name); no job of another kind or with other arguments has it already, and no other one of this batch",
        "context": name,
        "group": name,
        "labels": "there are at most 64, whose names have 1 to 1024 bytes and no =, and whose values have at most 1024",
        "priority": "it is -100 to 100",
        "delay_ms": "it is not below 0",
        "not_before": "it excludes delay_ms",
        "timeout_ms": "it is at least 1 ms",
        "max_attempts": "it is at least 0",
        "after": "it has at most 1000 jobs",
    ]
}
