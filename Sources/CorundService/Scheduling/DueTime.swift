import CorundAPI
import CorundLoop

/// When a job's time comes, or came.
enum DueTime: Equatable {
    /// After a while, whatever the time of day becomes meanwhile: a delay, the pause before another attempt.
    case loopTime(LoopTime)
    /// At a time of day, also when somebody sets the clock.
    case wallClock(Timestamp)
}

extension DueTime {
    /// When the time of a job comes that is recorded; nil: it has come.
    ///
    /// A delay goes on however the clock is set meanwhile.
    init?(of job: WaitingJob, _ clocks: ClockReading) {
        guard job.state == .scheduled, let time = job.notBefore else { return nil }
        self = job.isDelay ? .loopTime(clocks.loopTime(of: time)) : .wallClock(time)
    }
}

/// What the wall clock and the loop's clock showed at one moment; they go on together until somebody sets the former.
struct ClockReading: Equatable {
    let wallClock: Timestamp
    let loopTime: LoopTime

    /// The wall clock is read first: what passes in between makes a time of day come a little late, never early.
    init(_ wallClock: WallClock, _ loop: EventLoop) {
        self.init(wallClock: wallClock.now(), loopTime: loop.now)
    }

    init(wallClock: Timestamp, loopTime: LoopTime) {
        self.wallClock = wallClock
        self.loopTime = loopTime
    }

    /// When the wall clock shows `time`, as far as anybody can tell.
    func loopTime(of time: Timestamp) -> LoopTime {
        let (microseconds, overflow) = time.microseconds.subtractingReportingOverflow(wallClock.microseconds)
        let (nanoseconds, overflow2) = microseconds.multipliedReportingOverflow(by: 1000)
        guard !overflow, !overflow2 else { return time < wallClock ? LoopTime(nanoseconds: .min) : .distantFuture }
        return LoopTime(nanoseconds: loopTime.nanoseconds.addingSaturated(nanoseconds))
    }
}
