import CorundRunner

/// Tasks that sleep 0 to 100 ms, more than a loop can start in that time: lateness shows throughput.
func benchTimers() throws -> Figures {
    let run = try sleepers(many)
    return [
        ("timers_wall_ms", run.wall * 1e3), ("timers_late_p50_ms", run.late[many / 2] * 1e3),
        ("timers_late_max_ms", run.late[many - 1] * 1e3), ("timers_early", Double(run.late.count { $0 < 0 })),
    ]
}

/// As few such tasks as a loop can serve: lateness shows the timers' precision.
func benchFew() throws -> Figures {
    let late = try sleepers(1000).late
    return [
        ("few_late_p50_ms", late[500] * 1e3), ("few_late_max_ms", late[999] * 1e3),
        ("few_early", Double(late.count { $0 < 0 })),
    ]
}

/// What a task that sleeps takes.
func benchMemory() throws -> Figures {
    try Runner.with { runner in
        let bytes = try runner.run {
            guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
            await EventLoop.yield()
            let before = residentMemory()
            let tasks = try (0..<many).map { _ in try loop.spawn { try await loop.sleep(for: .seconds(3600)) } }
            try await loop.sleep(for: .milliseconds(100))
            let grown = residentMemory() - before
            for task in tasks { task.cancel() }
            return grown
        }
        return [("memory_bytes", bytes / Double(many))]
    }
}

/// What is left of a million timers that were set and cancelled, in bytes for each.
func benchCancelledTimers() throws -> Figures {
    let count = 1_000_000
    return try Runner.with { runner in
        let loop = try runner.loop
        let before = residentMemory()
        for _ in 0..<count { try loop.callLater(.seconds(3600)) {}.cancel() }
        return [("cancelled_timer_bytes", (residentMemory() - before) / Double(count))]
    }
}

private func sleepers(_ count: Int) throws -> (wall: Double, late: [Double]) {
    try Runner.with { runner in
        let start = now()
        let late = try runner.run {
            guard let loop = EventLoop.running else { throw EventLoopError.wrongThread }
            let tasks = try delays(count).map { delay in
                try loop.spawn {
                    let due = now() + delay
                    try await loop.sleep(for: .nanoseconds(Int64(delay * 1e9)))
                    return now() - due
                }
            }
            var late: [Double] = []
            for task in tasks { late.append(try await task.value) }
            return late.sorted()
        }
        return (now() - start, late)
    }
}

/// Delays of 0 to 100 ms, the same ones each time.
private func delays(_ count: Int) -> [Double] {
    var state: UInt64 = 42
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 33) / Double(1 << 31) * 0.1
    }
}
