import Glibc

/// What a bench came to, by the name of the figure, which ends in its unit.
typealias Figures = [(name: String, value: Double)]

/// How many tasks, timers and the like a bench makes.
let many = 100_000

/// Seconds on a clock that never goes back.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Seconds for each call, over about `budget` seconds after a short warm-up.
func perCall(budget: Double = 0.3, batch: Int = 100, _ call: () throws -> Void) rethrows -> Double {
    for _ in 0..<batch { try call() }
    let start = now()
    var count = 0
    var spent = 0.0
    repeat {
        for _ in 0..<batch { try call() }
        count += batch
        spent = now() - start
    } while spent < budget
    return spent / Double(count)
}

/// As the other form, for calls that await.
func perCall(budget: Double = 0.3, batch: Int = 100, _ call: () async throws -> Void) async rethrows -> Double {
    for _ in 0..<batch { try await call() }
    let start = now()
    var count = 0
    var spent = 0.0
    repeat {
        for _ in 0..<batch { try await call() }
        count += batch
        spent = now() - start
    } while spent < budget
    return spent / Double(count)
}

/// Resident memory of this process, in bytes.
func residentMemory() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return .nan }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, CInt(line.count), file) != nil else { return .nan }
    // "TOTAL RESIDENT …", in pages.
    let pages = strtol(strchr(line, 32), nil, 10)
    return Double(pages * sysconf(CInt(_SC_PAGESIZE)))
}
