import CorundAPI
import CorundLoop

/// What the daemon counts and measures.
///
/// It belongs to the loop.
final class JobStatistics {
    /// How often a job came into each state since the start.
    private var counts = [Int](repeating: 0, count: JobState.allCases.count)
    /// From admission to start.
    var submitToStart = TimeHistogram()
    /// From start to end.
    var runTime = TimeHistogram()

    func count(_ state: JobState) {
        counts[state.index] += 1
    }

    func total(_ state: JobState) -> Int { counts[state.index] }

    /// As `Statistics` has it.
    var byState: [String: Int] {
        Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, counts[$0.index]) })
    }
}

extension JobState {
    /// Its place in `allCases`.
    fileprivate var index: Int {
        switch self {
        case .scheduled: 0
        case .queued: 1
        case .running: 2
        case .succeeded: 3
        case .failed: 4
        case .cancelled: 5
        case .timedOut: 6
        case .interrupted: 7
        }
    }
}

extension TimeHistogram {
    /// As the wire has it, in microseconds.
    var summary: HistogramSummary {
        func microseconds(_ time: Duration?) -> Int { Int((time?.clampedNanoseconds ?? 0) / 1000) }
        return HistogramSummary(
            count: count, minimum: microseconds(minimum), p50: microseconds(percentile(50)),
            p90: microseconds(percentile(90)), p99: microseconds(percentile(99)), maximum: microseconds(maximum))
    }
}
