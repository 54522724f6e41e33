/// What wakes tasks from `Task.sleep`, with the timers that ring them: each is a small task of the runtime's own.
///
/// One whose sleeper was cancelled meanwhile wakes nobody, but must be run all the same: the runtime keeps the sleep in it.
struct TaskAlarms {
    private var alarms: [UInt64: UnownedJob] = [:]
    private var last: UInt64 = 0

    mutating func insert(_ alarm: UnownedJob) -> UInt64 {
        last += 1
        alarms[last] = alarm
        return last
    }

    mutating func remove(_ number: UInt64) -> UnownedJob? {
        alarms.removeValue(forKey: number)
    }

    mutating func removeAll() -> [UnownedJob] {
        defer { alarms = [:] }
        return Array(alarms.values)
    }
}

extension EventLoop {
    /// Runs `alarm` when `duration` has passed; at once on a loop that is closed, or closes before.
    func set(_ alarm: UnownedJob, after duration: Duration) {
        do {
            guard isOnItsThread else { return try callSoonThreadSafe { [self] in set(alarm, after: duration) } }
            let number = taskAlarms.insert(alarm)
            try callLater(duration) { [unowned self] in
                if let alarm = taskAlarms.remove(number) { ring(alarm) }
            }
        } catch {
            ring(alarm)
        }
    }

    /// As the process's default executor, where the runtime believes an alarm to be: elsewhere it would go there first.
    func ring(_ alarm: UnownedJob) {
        alarm.runSynchronously(on: RuntimeHooks.defaultExecutor)
    }
}
