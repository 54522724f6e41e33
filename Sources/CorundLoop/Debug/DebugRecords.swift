/// What a loop keeps only in debug mode.
final class DebugRecords {
    private struct Measured {
        let record: TaskRecord
        var nanoseconds: Int64 = 0
    }

    private var tasks: [TaskIdentity: Measured] = [:]

    /// - Parameter records: the tasks that live already.
    init(_ records: [TaskRecord]) {
        for record in records { begin(record) }
    }

    func begin(_ record: TaskRecord) {
        guard let identity = record.identity else { return }
        tasks[identity] = Measured(record: record)
    }

    func end(_ record: TaskRecord) {
        guard let identity = record.identity else { return }
        tasks[identity] = nil
    }

    /// The task of the loop that `item` is a piece of, if it is one.
    func record(of item: ReadyItem) -> TaskRecord? {
        item.taskIdentity.flatMap { tasks[$0]?.record }
    }

    func add(nanoseconds: Int64, to record: TaskRecord) {
        guard let identity = record.identity else { return }
        tasks[identity]?.nanoseconds += nanoseconds
    }

    /// For how long the task has held the loop, since it was made or debug mode was turned on.
    func loopTime(of record: TaskRecord) -> Duration? {
        record.identity.flatMap { tasks[$0] }.map { .nanoseconds($0.nanoseconds) }
    }
}
