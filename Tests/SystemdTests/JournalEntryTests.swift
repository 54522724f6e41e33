import Logging
import Testing

@testable import Systemd

struct JournalEntryTests {
    @Test func anEventBecomesTheStandardFields() {
        let fields = JournalEntry.fields(
            of: .sample(.sample(level: .warning), label: "corund.store"), identifier: "corund")
        #expect(
            fields == [
                JournalField("MESSAGE", "the message"), JournalField("PRIORITY", "4"),
                JournalField("SYSLOG_IDENTIFIER", "corund"), JournalField("LOGGER", "corund.store"),
                JournalField("CODE_FILE", "Module/File.swift"), JournalField("CODE_LINE", "42"),
                JournalField("CODE_FUNC", "work()"),
            ])
    }

    @Test func theMetadataFollowsInTheOrderOfItsKeys() {
        let metadata: Logger.Metadata = [
            "peer_uid": "1000", "job": "j-1", "kind": "echo", "context": "shared", "attempt": "\(2)",
        ]
        let fields = JournalEntry.fields(of: .sample(.sample(), metadata), identifier: "")
        #expect(
            fields.suffix(5) == [
                JournalField("CORUND_ATTEMPT", "2"), JournalField("CORUND_CONTEXT", "shared"),
                JournalField("CORUND_JOB", "j-1"), JournalField("CORUND_KIND", "echo"),
                JournalField("CORUND_PEER_UID", "1000"),
            ])
    }

    @Test(arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func everyLevelHasItsSyslogPriority(level: Logger.Level, priority: Int) {
        #expect(JournalEntry.priority(of: level) == priority)
    }

    @Test(arguments: [
        ("job", "CORUND_JOB"), ("kind", "CORUND_KIND"), ("attempt", "CORUND_ATTEMPT"),
        ("context", "CORUND_CONTEXT"), ("peer_uid", "CORUND_PEER_UID"), ("peer-uid", "CORUND_PEER_UID"),
        ("error.message", "CORUND_ERROR_MESSAGE"), ("Already_UPPER9", "CORUND_ALREADY_UPPER9"),
        ("größe", "CORUND_GR__E"), ("ﬃ", "CORUND__"), ("a=b\nMESSAGE", "CORUND_A_B_MESSAGE"), ("", "CORUND_"),
        ("_UID", "CORUND__UID"),
    ])
    func everyKeyBecomesAFieldTheJournalAccepts(key: String, name: String) {
        #expect(JournalEntry.fieldName(ofMetadata: key) == name)
    }

    @Test func aLongKeyIsCutWhereTheJournalWouldRefuseIt() {
        let name = JournalEntry.fieldName(ofMetadata: String(repeating: "k", count: 200))
        #expect(name == "CORUND_" + String(repeating: "K", count: 57))
    }

    @Test func anEntryHasABoundedNumberOfFields() {
        let metadata = Logger.Metadata(uniqueKeysWithValues: (0..<5000).map { ("k\($0)", "v") })
        let fields = JournalEntry.fields(of: .sample(.sample(), metadata), identifier: "")
        #expect(fields.count == 7 + JournalEntry.metadataLimit)
    }
}

struct LogMetadataTests {
    @Test func theEventWinsOverTheProviderAndTheProviderOverTheLogger() {
        let provider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
        let metadata = LogMetadata(
            logger: ["a": "logger", "b": "logger", "c": "logger"], provider: provider,
            event: .sample(metadata: ["c": "event"]))
        #expect(metadata.pairs.map(\.key) == ["a", "b", "c"])
        #expect(metadata.pairs.map(\.value) == ["logger", "provider", "event"])
    }

    @Test func anErrorIsMetadataToo() {
        let event = LogEvent(
            level: .error, message: "", error: Trouble(), metadata: nil, source: nil, file: "", function: "", line: 1)
        let metadata = LogMetadata(logger: [:], provider: nil, event: event)
        #expect(metadata.pairs.map(\.key) == ["error.message", "error.type"])
        #expect(metadata.pairs.map(\.value) == ["much trouble", "SystemdTests.Trouble"])
    }

    @Test func nestedValuesReadTheSameEveryTime() {
        let value: Logger.MetadataValue = ["z": ["one", "two \"2\""], "a": ["k": .stringConvertible(3)], "m": []]
        #expect(
            LogMetadata.of(["v": value]).pairs.map(\.value)
                == [#"{"a": {"k": "3"}, "m": [], "z": ["one", "two \"2\""]}"#])
    }
}

struct Trouble: Error, CustomStringConvertible {
    var description: String { "much trouble" }
}

extension LogEvent {
    static func sample(
        level: Logger.Level = .info, message: Logger.Message = "the message", metadata: Logger.Metadata? = nil
    ) -> LogEvent {
        LogEvent(
            level: level, message: message, metadata: metadata, source: nil, file: "Module/File.swift",
            function: "work()", line: 42)
    }
}

extension LogMetadata {
    static func of(_ metadata: Logger.Metadata) -> LogMetadata {
        LogMetadata(logger: metadata, provider: nil, event: .sample())
    }
}

extension LogRecord {
    static func sample(
        _ event: LogEvent, _ metadata: Logger.Metadata = [:], label: String = "", time: Duration = .zero
    ) -> LogRecord {
        LogRecord(event: event, metadata: .of(metadata), label: label, time: time)
    }
}
