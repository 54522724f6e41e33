import CorundAPI
import CorundLoop
import Glibc
import Varlink

extension Interface {
    /// `Statistics`: what the daemon has done and does.
    mutating func addStatistics(
        _ scheduler: Scheduler, startedAt: Timestamp, wallClock: WallClock, connections: @escaping () -> Int
    ) {
        let start = scheduler.loop.now
        method("Statistics") { (_: NoParameters, _) in
            let loop = scheduler.loop
            let metrics = loop.metrics
            return Statistics(
                version: CorundVersion.current, startedAt: startedAt,
                uptimeMilliseconds: loop.now.duration(since: start).wholeMilliseconds, debug: loop.isDebugging,
                draining: scheduler.isDraining, jobs: scheduler.statistics.byState, groups: scheduler.groups,
                ticks: Int(metrics.ticks), loopLag: (metrics.tickDuration ?? TimeHistogram()).summary,
                submitToStart: scheduler.statistics.submitToStart.summary,
                runTime: scheduler.statistics.runTime.summary, tasks: metrics.tasks, timers: metrics.timers,
                connections: connections(), pool: metrics.blockingPool, residentBytes: Self.residentBytes())
        }
    }

    /// From `/proc/self/statm`; zero where that cannot be read.
    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, CInt(line.count), file) != nil else { return 0 }
        let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
            separator: " ")
        return (fields.dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(CInt(_SC_PAGESIZE)))
    }
}
