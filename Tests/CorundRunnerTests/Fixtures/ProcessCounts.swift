import Glibc

/// What this process has of the kernel.
struct ProcessCounts: Equatable, CustomStringConvertible {
    var descriptors = entries(of: "/proc/self/fd")
    var threads = entries(of: "/proc/self/task")

    var description: String { "\(descriptors) descriptors, \(threads) threads" }

    /// The counts, once they are no higher than `limit`, or after ten seconds: the kernel takes a thread off the list some
    /// time after it has ended, and tells nobody.
    static func settled(to limit: ProcessCounts) -> ProcessCounts {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let counts = ProcessCounts()
            if counts.descriptors <= limit.descriptors, counts.threads <= limit.threads { return counts }
            if ContinuousClock.now > deadline { return counts }
            sched_yield()
        }
    }
}

private func entries(of path: String) -> Int {
    guard let directory = opendir(path) else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}
