import Glibc
import Testing

@testable import Systemd

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
}
