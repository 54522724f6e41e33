import CorundLoop

/// Metrics in Prometheus' text exposition format, version 0.0.4.
///
/// Pure.
struct PrometheusText {
    private(set) var text = ""

    enum Kind: String {
        case counter, gauge, histogram
    }

    /// One value, and the labels that tell it from others of its metric.
    struct Sample {
        let labels: KeyValuePairs<String, String>
        let value: Double

        init(_ value: Double, labels: KeyValuePairs<String, String> = [:]) {
            (self.labels, self.value) = (labels, value)
        }
    }

    /// Adds a metric with its samples; nothing when there are none.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        head(name, kind, help)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help, [Sample(value)])
    }

    /// Adds a histogram in seconds.
    mutating func add(_ name: String, _ help: String, _ histogram: TimeHistogram) {
        head(name, .histogram, help)
        var buckets = histogram.buckets[...]
        var count = 0
        for bound in Self.bounds {
            while let bucket = buckets.first, bucket.upperBound <= bound {
                count += bucket.count
                buckets.removeFirst()
            }
            line("\(name)_bucket", ["le": Self.number(Self.seconds(bound))], Double(count))
        }
        line("\(name)_bucket", ["le": "+Inf"], Double(histogram.count))
        line("\(name)_sum", [:], Self.seconds(histogram.sum))
        line("\(name)_count", [:], Double(histogram.count))
    }

    /// From 10 µs to 10 min; a bucket of the histogram that reaches over a bound counts above it.
    private static let bounds: [Duration] = {
        let decades: [Duration] = [
            .microseconds(10), .microseconds(100), .milliseconds(1), .milliseconds(10), .milliseconds(100), .seconds(1),
            .seconds(10), .seconds(100),
        ]
        return decades.flatMap { [$0, $0 * 2, $0 * 5] } + [.seconds(600)]
    }().sorted()

    private static func seconds(_ time: Duration) -> Double { Double(time.clampedNanoseconds) / 1e9 }

    private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: Double) {
        let list = labels.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }.joined(separator: ",")
        text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(value))\n"
    }

    /// Whole numbers without a fraction, as Prometheus itself writes them.
    private static func number(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        // Not of its characters: a line feed after a carriage return is none, nor a quotation mark with an accent.
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
