import CorundAPI
import CorundLoop
import Histogram

/// What the daemon counts and measures.
///
/// It belongs to the loop.
final class JobStatistics {
    /// How often a job came into each state since the start.
    private var counts = [Int](repeating: 0, count: JobState.allCases.count)
    /// From admission to start.
    let submitToStart = TimeHistogram()
    /// From start to end.
    let runTime = TimeHistogram()
    /// How long a tick's work held the loop.
    let loopLag = TimeHistogram()

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

/// A distribution of times, in microseconds, to two significant digits.
final class TimeHistogram {
    private var histogram = Histogram<UInt32>(
        lowestDiscernibleValue: 1, highestTrackableValue: longest, numberOfSignificantValueDigits: .two)

    /// Longer times are counted as this.
    private static let longest: UInt64 = 24 * 3600 * 1_000_000

    func record(nanoseconds: Int64) {
        let microseconds = UInt64(max(0, nanoseconds / 1000))
        histogram.record(min(microseconds, Self.longest))
    }

    /// As the wire has it.
    var summary: HistogramSummary {
        guard histogram.totalCount > 0 else {
            return HistogramSummary(count: 0, minimum: 0, p50: 0, p90: 0, p99: 0, maximum: 0)
        }
        let percentile = { [histogram] in Int(histogram.valueAtPercentile($0)) }
        return HistogramSummary(
            count: Int(histogram.totalCount), minimum: Int(histogram.min), p50: percentile(50), p90: percentile(90),
            p99: percentile(99), maximum: Int(histogram.max))
    }
}
