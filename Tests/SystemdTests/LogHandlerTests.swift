import Glibc
import Logging
import Synchronization
import Testing

@testable import Systemd

struct LogLineTests {
    private let time = Duration.milliseconds(1_795_232_401_123)

    private func line(_ event: LogEvent, _ metadata: Logger.Metadata = [:]) -> String {
        String(
            decoding: LogLine.bytes(of: event, metadata: .of(metadata), label: "corund", time: time), as: UTF8.self)
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

struct StderrLogHandlerTests {
    @Test func everyEventIsOneWrite() throws {
        // Each write to a datagram socket is a datagram of its own.
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &pair) == 0)
        defer { pair.forEach { close($0) } }
        var logger = Logger(label: "test") { [descriptor = pair[0]] label in
            StderrLogHandler(
                label: label, threshold: LogThreshold(), metadataProvider: nil, descriptor: descriptor,
                now: { .zero })
        }
        logger[metadataKey: "job"] = "j-1"
        logger.info("first\nevent", metadata: ["n": "1"])
        logger.debug("below the threshold")
        logger.error("second")
        #expect(receive(from: pair[1]) == "1970-01-01T00:00:00.000Z info  test: first\\nevent job=j-1 n=1\n")
        #expect(receive(from: pair[1]) == "1970-01-01T00:00:00.000Z error test: second job=j-1\n")
        #expect(receive(from: pair[1]) == nil)
    }

    private func receive(from descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}

struct JournalLogHandlerTests {
    /// A pipe in the place of standard error, and a journal that answers with `result`.
    private struct Fixture: ~Copyable {
        let entries = Entries()
        let pipeEnds: [Int32]
        let logger: Logger

        final class Entries: Sendable {
            let all = Mutex<[[JournalField]]>([])
        }

        init(result: Int32) throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
            pipeEnds = ends
            let threshold = LogThreshold()
            logger = Logger(label: "corund.store") { [entries, ends] label in
                JournalLogHandler(
                    label: label, identifier: "corund", threshold: threshold, metadataProvider: nil,
                    send: { fields in
                        entries.all.withLock { $0.append(fields) }
                        return result
                    },
                    fallback: StderrLogHandler(
                        label: label, threshold: threshold, metadataProvider: nil, descriptor: ends[1], now: { .zero }))
            }
        }

        func standardError() -> String {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(pipeEnds[0], &buffer, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }

        deinit { pipeEnds.forEach { close($0) } }
    }

    @Test func anEventIsOneEntryWithItsFields() throws {
        let fixture = try Fixture(result: 0)
        var logger = fixture.logger
        logger[metadataKey: "job"] = "j-1"
        logger.notice("started", metadata: ["attempt": "2"])
        logger.debug("below the threshold")
        let entries = fixture.entries.all.withLock { $0 }
        #expect(entries.count == 1)
        let fields = try #require(entries.first)
        #expect(fields.contains(JournalField("MESSAGE", "started")))
        #expect(fields.contains(JournalField("PRIORITY", "5")))
        #expect(fields.contains(JournalField("CODE_FILE", "SystemdTests/LogHandlerTests.swift")))
        #expect(fields.suffix(2) == [JournalField("CORUND_ATTEMPT", "2"), JournalField("CORUND_JOB", "j-1")])
        #expect(fixture.standardError() == "")
    }

    @Test func anEntryThatTheJournalRefusesIsALineOnStandardError() throws {
        let fixture = try Fixture(result: -ENOBUFS)
        var logger = fixture.logger
        logger[metadataKey: "job"] = "j-1"
        logger.info("started")
        #expect(
            fixture.standardError()
                == "1970-01-01T00:00:00.000Z info  corund.store: started job=j-1 journal-errno=105\n")
    }

    @Test func libsystemdTakesWhatIsBuilt() {
        // Where there is a journal the entry is written; where there is none, libsystemd answers 0 and drops it.
        let event = LogEvent.sample(message: "an entry\nof the tests", metadata: ["": "empty key", "größe": "1\n2=3"])
        let fields = JournalEntry.fields(
            of: event, metadata: .of(event.metadata ?? [:]), label: "test", identifier: "corund-tests")
        #expect(JournalLogHandler.sendToJournal(fields) == 0)
    }

    @Test func libsystemdsRefusalComesBack() {
        #expect(JournalLogHandler.sendToJournal([JournalField("", "no name")]) == -EINVAL)
    }
}

struct LogThresholdTests {
    @Test(arguments: LogDestination.allCases)
    func aChangeReachesTheLoggersThatExist(destination: LogDestination) {
        let threshold = LogThreshold(.info)
        let logger = Logger(label: "") { destination.makeHandler(label: $0, identifier: "", threshold: threshold) }
        #expect(logger.logLevel == .info)
        threshold.level = .trace
        #expect(logger.logLevel == .trace)
    }

    @Test(arguments: LogDestination.allCases)
    func aLoggerWithALevelOfItsOwnKeepsIt(destination: LogDestination) {
        let threshold = LogThreshold(.info)
        var logger = Logger(label: "") { destination.makeHandler(label: $0, identifier: "", threshold: threshold) }
        logger.logLevel = .error
        threshold.level = .trace
        #expect(logger.logLevel == .error)
    }

    @Test(arguments: Logger.Level.allCases)
    func everyLevelIsKept(level: Logger.Level) {
        #expect(LogThreshold(level).level == level)
    }
}

struct LogDestinationTests {
    private let stream = FileIdentity(device: 8, inode: 4711)

    @Test func theJournalIsChosenWhenStandardErrorIsItsStream() {
        #expect(LogDestination.choose(environment: ["JOURNAL_STREAM": "8:4711"], standardError: stream) == .journal)
    }

    @Test(arguments: [
        nil, "", "8", "8:", ":4711", "8:4712", "9:4711", "8:4711:", "0x8:4711", "8:-1", "8:99999999999999999999",
    ])
    func anythingElseIsStandardError(variable: String?) {
        let environment = variable.map { ["JOURNAL_STREAM": $0] } ?? [:]
        #expect(LogDestination.choose(environment: environment, standardError: stream) == .standardError)
    }

    @Test func aClosedStandardErrorIsNotTheJournal() {
        #expect(LogDestination.choose(environment: ["JOURNAL_STREAM": "8:4711"], standardError: nil) == .standardError)
        #expect(!LogDestination.isJournal(Int32.max, environment: ["JOURNAL_STREAM": "8:4711"]))
    }

    @Test func aDescriptorIsRecognisedByItsDeviceAndInode() throws {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let other = open("/dev/zero", O_RDONLY | O_CLOEXEC)
        defer { close(other) }
        let identity = try FileIdentity(descriptor: file)
        let environment = ["JOURNAL_STREAM": "\(identity.device):\(identity.inode)"]
        #expect(LogDestination.isJournal(file, environment: environment))
        #expect(!LogDestination.isJournal(other, environment: environment))
    }

    @Test func theHandlerSuitsTheDestination() {
        let threshold = LogThreshold()
        let journal = LogDestination.journal.makeHandler(label: "", identifier: "", threshold: threshold)
        let lines = LogDestination.standardError.makeHandler(label: "", identifier: "", threshold: threshold)
        #expect(journal is JournalLogHandler)
        #expect(lines is StderrLogHandler)
    }
}
