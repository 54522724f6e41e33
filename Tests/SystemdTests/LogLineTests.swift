import Logging
import Testing

@testable import Systemd

struct LogLineTests {
    private let time = Duration.milliseconds(1_795_232_401_123)

    private func line(_ event: LogEvent, _ metadata: Logger.Metadata = [:]) -> String {
        String(
            decoding: LogLine.bytes(of: .sample(event, metadata, label: "corund", time: time)), as: UTF8.self)
    }

    @Test func aLineHasTimeLevelLabelMessageAndMetadata() {
        #expect(
            line(.sample(), ["key": "value", "also": "1"])
                == "2026-11-21T03:40:01.123Z info  corund: the message also=1 key=value\n")
    }

    @Test func aLongLevelIsNotCut() {
        #expect(line(.sample(level: .critical)) == "2026-11-21T03:40:01.123Z critical corund: the message\n")
    }

    @Test(arguments: [
        ("two\nlines", #"two\nlines"#), ("\r\t", #"\r\t"#), ("\u{1b}[31mred", #"\u001b[31mred"#),
        ("\u{9b}31m", #"\u009b31m"#), ("\0\u{7f}", #"\u0000\u007f"#), ("a\u{2028}b", #"a\u2028b"#),
        ("\u{202e}live", #"\u202elive"#), ("grüße 👨‍👩‍👧", "grüße 👨‍👩‍👧"),
    ])
    func nothingInAMessageEndsTheLineOrCommandsTheTerminal(message: String, shown: String) {
        #expect(line(.sample(message: "\(message)")).hasSuffix(" corund: \(shown)\n"))
    }

    @Test(arguments: [
        ("plain", "plain"), ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#),
        (#"say "hi""#, #""say \"hi\"""#), (#"back\slash"#, #""back\\slash""#), ("x\nkey=forged", #""x\nkey=forged""#),
        ("/run/corund/corund.sock", "/run/corund/corund.sock"),
    ])
    func aValueIsAWordOrQuoted(value: String, shown: String) {
        #expect(line(.sample(), ["k": .string(value)]).hasSuffix(" k=\(shown)\n"))
    }

    @Test(arguments: [
        (Duration.zero, "1970-01-01T00:00:00.000Z"),
        (.seconds(951_782_400), "2000-02-29T00:00:00.000Z"),
        (.seconds(951_868_799) + .nanoseconds(999_999_999), "2000-02-29T23:59:59.999Z"),
        (.seconds(1_709_251_199), "2024-02-29T23:59:59.000Z"),
        (.seconds(1_735_689_599), "2024-12-31T23:59:59.000Z"),
        (.seconds(4_107_542_400), "2100-03-01T00:00:00.000Z"),
    ])
    func timesAreUTCInTheGregorianCalendar(time: Duration, text: String) {
        #expect(LogLine.timestamp(of: time) == text)
    }
}
