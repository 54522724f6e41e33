import CorundLoop
import Testing

@testable import CorundService

struct PrometheusTextTests {
    @Test func aMetricHasItsHelpItsTypeAndItsSamples() {
        var metrics = PrometheusText()
        metrics.add(
            "corund_jobs_total", .counter, "Jobs.",
            [.init(3, labels: ["state": "failed"]), .init(0.5, labels: ["state": "x", "group": "y"])])
        metrics.add("corund_ready", .gauge, "Whether it is ready.", 1)
        #expect(
            metrics.text == """
                # HELP corund_jobs_total Jobs.
                # TYPE corund_jobs_total counter
                corund_jobs_total{state="failed"} 3
                corund_jobs_total{state="x",group="y"} 0.5
                # HELP corund_ready Whether it is ready.
                # TYPE corund_ready gauge
                corund_ready 1

                """)
    }

    @Test func aMetricWithoutSamplesIsLeftOut() {
        var metrics = PrometheusText()
        metrics.add("x", .gauge, "Nothing.", [])
        #expect(metrics.text.isEmpty)
    }

    @Test func whatIsInALabelCannotEndIt() {
        var metrics = PrometheusText()
        metrics.add("x", .gauge, "A \\ and\na line.", [.init(1, labels: ["group": "a\"b\\c\nd"])])
        #expect(metrics.text.contains(#"# HELP x A \\ and\na line."#))
        #expect(metrics.text.contains(#"x{group="a\"b\\c\nd"} 1"#))
        #expect(metrics.text.split(separator: "\n").count == 3)
    }

    /// To Swift, each of these is one character with what stands beside it.
    @Test(arguments: [("a\r\nb", "a\r\\nb"), ("a\"\u{301}", "a\\\"\u{301}"), ("a\\\u{301}", "a\\\\\u{301}")])
    func norWithACharacterOfSeveralScalars(group: String, escaped: String) {
        var metrics = PrometheusText()
        metrics.add("x", .gauge, "X.", [.init(1, labels: ["group": group])])
        #expect(Array(metrics.text.utf8).split(separator: UInt8(ascii: "\n")).count == 3)
        #expect(metrics.text.utf8.elementsEqual("# HELP x X.\n# TYPE x gauge\nx{group=\"\(escaped)\"} 1\n".utf8))
    }

    @Test func aHistogramsBucketsAreCumulative() throws {
        var histogram = TimeHistogram()
        for time in [Duration.microseconds(1), .milliseconds(15), .milliseconds(15), .seconds(3000)] {
            histogram.record(time)
        }
        var metrics = PrometheusText()
        metrics.add("x_seconds", "Times.", histogram)
        let lines = metrics.text.split(separator: "\n")
        #expect(lines.contains(#"x_seconds_bucket{le="1e-05"} 1"#))
        #expect(lines.contains(#"x_seconds_bucket{le="0.01"} 1"#))
        #expect(lines.contains(#"x_seconds_bucket{le="0.02"} 3"#))
        #expect(lines.contains(#"x_seconds_bucket{le="600"} 3"#))
        #expect(lines.contains(#"x_seconds_bucket{le="+Inf"} 4"#))
        #expect(lines.contains("x_seconds_sum 3000.030001"))
        #expect(lines.last == "x_seconds_count 4")
        let counts = try lines.dropFirst(2).prefix { $0.contains("_bucket") }.map {
            try #require(Int($0.split(separator: " ")[1]))
        }
        #expect(counts == counts.sorted())
        #expect(counts.count == 26)
    }
}
