/// How a loop does, at one moment: see ``EventLoop/metrics``.
public struct LoopMetrics: Sendable, Equatable {
    /// Turns of the loop since it was made.
    public var ticks: UInt64
    /// For how long the work of a tick held the loop: what became ready meanwhile had to wait so long.
    ///
    /// nil unless it is measured.
    public var tickDuration: TimeHistogram?
    /// By how much timers were late: from the deadline to the start of the tick that ran the callback.
    ///
    /// nil unless it is measured.
    public var lag: TimeHistogram?
    /// Pieces of work that wait for nothing but their turn.
    public var readyDepth: Int
    /// Timers that have not fired yet.
    public var timers: Int
    /// Tasks that have not ended.
    public var tasks: Int
    /// How the blocking pool stands: its threads, how many of them are busy, and what is queued.
    public var blockingPool: BlockingPoolCounts
}

/// What a loop measures when it is told to.
final class LoopMeasurements {
    var tickDuration = TimeHistogram()
    var lag = TimeHistogram()
}

extension EventLoop {
    /// Whether the loop measures how long its ticks take and how late its timers are.
    ///
    /// May be changed at any time, and begins anew when it is turned on. It costs one look at the clock in each tick, some
    /// 20 ns, and nothing when off. Off unless it is turned on.
    public var isMeasuring: Bool {
        get { measurements != nil }
        set {
            guard newValue != isMeasuring else { return }
            measurements = newValue ? LoopMeasurements() : nil
        }
    }

    /// How the loop does.
    ///
    /// On the loop's thread.
    public var metrics: LoopMetrics {
        LoopMetrics(
            ticks: tickCount, tickDuration: measurements?.tickDuration, lag: measurements?.lag, readyDepth: readyDepth,
            timers: timerCount, tasks: taskCount, blockingPool: blockingPoolCounts)
    }
}
