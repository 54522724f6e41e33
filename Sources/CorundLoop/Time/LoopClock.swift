import Glibc

/// Where a loop reads the time: the seam for virtual time.
package protocol LoopClock: AnyObject {
    func now() -> LoopTime
}

/// `CLOCK_MONOTONIC`, which epoll's timeouts follow too.
package final class MonotonicClock: LoopClock {
    package init() {}

    package func now() -> LoopTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return LoopTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
