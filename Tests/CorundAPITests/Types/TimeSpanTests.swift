import CorundAPI
import Testing

struct TimeSpanTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("10s", .seconds(10)), ("2min", .seconds(120)),
        ("1h", .seconds(3600)), ("1d", .seconds(86_400)), ("1min 30s", .seconds(90)), ("1us", .microseconds(1)),
        ("1d 2h 3min 4s 5ms 6us", .seconds(93_784) + .microseconds(5006)),
    ])
    func whatIsWrittenIsReadBack(text: String, duration: Duration) throws {
        #expect(try TimeSpan.parse(text) == duration)
        #expect(TimeSpan.render(duration) == text)
    }

    @Test(arguments: [
        ("10", Duration.seconds(10)), (" 10 ", .seconds(10)), ("1min30s", .seconds(90)), ("1 h", .seconds(3600)),
        ("1.5h", .seconds(5400)), (".5s", .milliseconds(500)), ("0.000001s", .microseconds(1)),
        ("1.50000000000s", .milliseconds(1500)), ("2 hours 1 minute", .seconds(7260)), ("1w", .seconds(604_800)),
        ("1M", .seconds(2_629_800)), ("1m", .seconds(60)), ("1y", .seconds(31_557_600)), ("7µs", .microseconds(7)),
        ("1s 1s", .seconds(2)), ("9223372036854775807us", TimeSpan.longest),
    ])
    func allThatSystemdReadsIsRead(text: String, duration: Duration) throws {
        #expect(try TimeSpan.parse(text) == duration)
    }

    @Test(arguments: [
        ("", TimeSpan.ParseError.empty), ("  ", .empty), ("s", .noNumber(found: "s")),
        ("-5s", .noNumber(found: "-5s")), ("1.s", .noNumber(found: "1.s")), ("infinity", .noNumber(found: "infinity")),
        ("5 parsecs", .unknownUnit("parsecs")), ("5S", .unknownUnit("S")), ("1 000", .noUnit(number: "1")),
        ("1min 30", .noUnit(number: "30")), ("0.5us", .tooFine("0.5us")), ("0.0000001s", .tooFine("0.0000001s")),
        ("1e3s", .unknownUnit("e")),
    ])
    func anythingElseIsRefused(text: String, error: TimeSpan.ParseError) {
        #expect(throws: error) { try TimeSpan.parse(text) }
    }

    @Test(arguments: [
        "9223372036854775808us", "18446744073709551616us", "99999999999999999999999999s", "300000y",
        "9223372036854775807us 1us", "18446744073709551615us 1us", "18446744073709551615us 18446744073709551615us",
        "292278y 0.99999999y 0.9y",
    ])
    func anOverflowIsRefused(text: String) {
        #expect(throws: TimeSpan.ParseError.tooLong) { try TimeSpan.parse(text) }
    }

    @Test(arguments: [
        (Duration.seconds(-1), "0s"), (.nanoseconds(999), "0s"), (.nanoseconds(1999), "1us"),
        (.seconds(Int64.max), "106751991d 4h 54s 775ms 807us"),
    ])
    func whatCannotBeWrittenIsCut(duration: Duration, text: String) {
        #expect(TimeSpan.render(duration) == text)
    }

    @Test func everyTimeSurvivesTheWayThroughText() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let shift = Int.random(in: 0..<63, using: &generator)
            let duration = Duration.microseconds(Int64.random(in: 0...Int64.max, using: &generator) >> shift)
            #expect(try TimeSpan.parse(TimeSpan.render(duration)) == duration)
        }
    }
}
