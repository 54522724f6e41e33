/// How long to wait before another attempt: exponential with jitter, so that jobs that failed together do not come back
/// together.
///
/// Pure.
struct RetryBackoff: Equatable {
    /// Before the second attempt.
    var first = Duration.seconds(1)
    /// Never longer.
    var longest = Duration.seconds(300)

    /// The wait after `attempt` attempts: a `draw` from 0 to 1 of the upper half of the exponential step.
    func delay(afterAttempt attempt: Int, draw: Double) -> Duration {
        let step = min(first * (1 << min(max(attempt, 1) - 1, 30)), longest)
        return step / 2 + step / 2 * draw
    }
}
