/// The groups by name: those that have jobs, settings, or are paused.
///
/// Pure.
struct GroupTable {
    private var groups: [String: JobGroup] = [:]
    /// Whether any group may keep a job from starting.
    private(set) var isRestricted = false

    subscript(name: String) -> JobGroup? { groups[name] }

    /// In no order.
    var all: Dictionary<String, JobGroup>.Values { groups.values }

    var paused: Set<String> { Set(groups.values.lazy.filter(\.isPaused).map(\.name)) }

    /// Counts `job` among the members of its group, unless it is.
    ///
    /// - Returns: the group.
    @discardableResult
    mutating func join(_ job: JobExecution) -> JobGroup {
        if let group = job.joinedGroup { return group }
        let group = findOrMake(job.group)
        group.members += 1
        job.membership = .joined(group)
        return group
    }

    /// Counts `job` among the members of its group no more, if it is.
    mutating func leave(_ job: JobExecution) {
        guard let group = job.joinedGroup else { return }
        group.members -= 1
        job.membership = .named(group.name)
        forgetIfUnused(group)
    }

    /// Changes what the administrator or an operator wants of a group.
    ///
    /// - Returns: the group.
    @discardableResult
    mutating func change(_ name: String, _ change: (JobGroup) -> Void) -> JobGroup {
        let group = findOrMake(name)
        change(group)
        forgetIfUnused(group)
        isRestricted = groups.values.contains(where: \.isRestricted)
        return group
    }

    private mutating func findOrMake(_ name: String) -> JobGroup {
        if let group = groups[name] { return group }
        let group = JobGroup(name: name)
        groups[name] = group
        return group
    }

    private mutating func forgetIfUnused(_ group: JobGroup) {
        if group.isUnused { groups[group.name] = nil }
    }
}
