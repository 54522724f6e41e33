import CorundCommandLine
import Testing

@Suite("Spans of time")
struct TimeSpanTests {
    private static let accepted: [(String, Duration)] = [
        ("500ms", .milliseconds(500)), ("10s", .seconds(10)), ("2min", .seconds(120)), ("1h", .seconds(3600)),
        ("7d", .seconds(604_800)), ("250us", .microseconds(250)), ("0s", .zero), ("1.5h", .seconds(5400)),
        ("0.25s", .milliseconds(250)), ("1.000001s", .microseconds(1_000_001)), ("0.0000009s", .zero),
        ("1h30min", .seconds(5400)), ("1h 30min 5s", .seconds(5405)), ("010s", .seconds(10)),
    ]

    @Test("are numbers with units", arguments: accepted)
    func accepts(text: String, duration: Duration) {
        #expect(TimeSpan(text)?.duration == duration)
    }

    @Test(
        "are refused without a unit, with a strange one, and when they are too long",
        arguments: [
            "", "10", "s", "10m", "10 s", "-1s", "+1s", "1.s", ".5s", "1e3s", "1s ,", "1sec", "1ss", "10S", " 1s", "١s",
            "9999999999999999999s", "9223372036854775807s", "200000000d 200000000d",
        ])
    func refuses(text: String) {
        #expect(TimeSpan(text) == nil)
    }
}
