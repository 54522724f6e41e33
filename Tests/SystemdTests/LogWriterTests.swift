import Glibc
import Logging
import Synchronization
import Testing

@testable import Systemd

struct LineWriterTests {
    @Test func everyEventIsOneWrite() throws {
        // Each write to a datagram socket is a datagram of its own.
        let (writing, reading) = try Ends.socket()
        let writer = LineWriter(descriptor: writing.number)
        writer.write(.sample(.sample(message: "first\nevent"), ["n": "1", "job": "j-1"], label: "test"))
        writer.write(.sample(.sample(level: .error, message: "second"), label: "test"))
        #expect(reading.next() == "1970-01-01T00:00:00.000Z info  test: first\\nevent job=j-1 n=1\n")
        #expect(reading.next() == "1970-01-01T00:00:00.000Z error test: second\n")
        #expect(reading.next() == nil)
    }

    @Test func aPipeThatIsFullAndDoesNotBlockIsWaitedFor() throws {
        let (writing, reading) = try Ends.pipe()
        try #require(fcntl(writing.number, F_SETFL, O_NONBLOCK) == 0)
        let queue = LogQueue(writer: LineWriter(descriptor: writing.number))
        let text = String(repeating: "x", count: 1 << 20)
        queue.add(.sample(.sample(message: "\(text)"), label: "test"))
        #expect(reading.line().hasSuffix(" test: \(text)"))
    }
}

struct JournalWriterTests {
    @Test func aRecordIsOneEntryWithItsFields() throws {
        let entries = Mutex<[[JournalField]]>([])
        let (standardError, reading) = try Ends.socket()
        let writer = JournalWriter(
            identifier: "corund",
            send: { fields in
                entries.withLock { $0.append(fields) }
                return 0
            }, fallback: LineWriter(descriptor: standardError.number))
        writer.write(.sample(.sample(level: .notice, message: "started"), ["job": "j-1", "attempt": "2"]))
        let fields = entries.withLock { $0 }
        #expect(fields.count == 1)
        #expect(fields.first?.contains(JournalField("MESSAGE", "started")) == true)
        #expect(fields.first?.contains(JournalField("PRIORITY", "5")) == true)
        #expect(
            fields.first?.suffix(2) == [JournalField("CORUND_ATTEMPT", "2"), JournalField("CORUND_JOB", "j-1")])
        #expect(reading.next() == nil)
    }

    @Test func anEntryThatTheJournalRefusesIsALineOnStandardError() throws {
        let (standardError, reading) = try Ends.socket()
        let writer = JournalWriter(
            identifier: "corund", send: { _ in -ENOBUFS }, fallback: LineWriter(descriptor: standardError.number))
        writer.write(.sample(.sample(message: "started"), ["job": "j-1"], label: "corund.store"))
        #expect(
            reading.next() == "1970-01-01T00:00:00.000Z info  corund.store: started job=j-1 journal-errno=105\n")
    }

    @Test func libsystemdTakesWhatIsBuilt() {
        // Where there is a journal the entry is written; where there is none, libsystemd answers 0 and drops it.
        let event = LogEvent.sample(message: "an entry\nof the\0tests")
        let record = LogRecord.sample(event, ["": "empty key", "größe": "1\n2=3"], label: "test")
        #expect(JournalWriter.sendToJournal(JournalEntry.fields(of: record, identifier: "corund-tests")) == 0)
    }

    @Test func libsystemdsRefusalComesBack() {
        #expect(JournalWriter.sendToJournal([JournalField("", "no name")]) == -EINVAL)
    }
}

/// One end of a pipe, or of a pair of datagram sockets.
final class Ends: Sendable {
    let number: Int32

    private init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    static func socket() throws -> (writing: Ends, reading: Ends) {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &pair) == 0)
        return (Ends(pair[0]), Ends(pair[1]))
    }

    static func pipe() throws -> (writing: Ends, reading: Ends) {
        var pair: [Int32] = [0, 0]
        try #require(Glibc.pipe(&pair) == 0)
        return (Ends(pair[1]), Ends(pair[0]))
    }

    /// The next datagram, if there is one.
    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// Waits for the end of a line, and gives what is before it.
    func line() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1)
        while read(number, &buffer, 1) == 1, buffer[0] != UInt8(ascii: "\n") { bytes.append(buffer[0]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
