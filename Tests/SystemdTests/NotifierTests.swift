import Glibc
import TestSupport
import Testing

@testable import Systemd

struct NotifierTests {
    @Test func oneNotificationCarriesAllStatesOneOnALine() throws {
        let manager = try NotifySocket.abstract()
        let sent = try manager.notifier.notify(.ready, .status("12 running"), .watchdog)
        #expect(sent)
        #expect(manager.receive() == "READY=1\nSTATUS=12 running\nWATCHDOG=1")
        #expect(manager.receive() == nil)
    }

    @Test func aSocketInTheFileSystemIsReachedByItsPath() throws {
        let manager = try NotifySocket.path()
        #expect(try manager.notifier.notify(.stopping))
        #expect(manager.receive() == "STOPPING=1")
    }

    @Test(arguments: [[:], ["NOTIFY_SOCKET": ""]])
    func withoutAManagerNothingIsSent(environment: [String: String]) throws {
        let notifier = Notifier(environment: environment)
        #expect(!notifier.isEnabled)
        #expect(try notifier.notify(.ready) == false)
    }

    @Test func withoutStatesNothingIsSent() throws {
        let manager = try NotifySocket.abstract()
        #expect(try manager.notifier.notify([]) == false)
        #expect(manager.receive() == nil)
    }

    @Test func aFullQueueIsAnErrorAndNeverAWait() throws {
        let manager = try NotifySocket.abstract()
        let error = SystemdError(operation: .notifySend, errorNumber: EAGAIN)
        let moreThanAnyQueueHolds = 1_000_000
        #expect(throws: error) {
            for _ in 0..<moreThanAnyQueueHolds { try manager.notifier.notify(.watchdog) }
        }
        #expect(manager.receive() == "WATCHDOG=1")
        #expect(try manager.notifier.notify(.watchdog))
    }

    @Test func aManagerThatIsGoneIsAnError() throws {
        let environment = ["NOTIFY_SOCKET": "@corund-test-nobody-\(getpid())"]
        #expect(throws: SystemdError(operation: .notifySend, errorNumber: ECONNREFUSED)) {
            try Notifier(environment: environment).notify(.ready)
        }
    }

    @Test(arguments: [
        ("vsock:2:1234", EAFNOSUPPORT), ("relative/path", EAFNOSUPPORT), ("/", EAFNOSUPPORT),
        ("/" + String(repeating: "x", count: 107), ENAMETOOLONG),
        ("@" + String(repeating: "x", count: 108), ENAMETOOLONG),
    ])
    func anAddressThatCannotBeUsedIsRefused(address: String, errorNumber: Int32) {
        #expect(throws: SystemdError(operation: .notifyAddress, errorNumber: errorNumber)) {
            try Notifier(environment: ["NOTIFY_SOCKET": address]).notify(.ready)
        }
    }

    @Test func aNotificationThatSystemdWouldIgnoreIsRefused() throws {
        let manager = try NotifySocket.abstract()
        let long = NotifyState.status(String(repeating: "x", count: NotifyState.statusLimit))
        #expect(throws: SystemdError(operation: .notifySend, errorNumber: EMSGSIZE)) {
            try manager.notifier.notify(long, long, long, long)
        }
        #expect(try manager.notifier.notify(.ready, long, long, long))
    }
}

struct NotifyStateTests {
    @Test(arguments: [
        (NotifyState.ready, "READY=1"),
        (.status("all well"), "STATUS=all well"),
        (.stopping, "STOPPING=1"),
        (.reloading(monotonic: .milliseconds(1500)), "RELOADING=1\nMONOTONIC_USEC=1500000"),
        (.watchdog, "WATCHDOG=1"),
        (.extendTimeout(.seconds(30)), "EXTEND_TIMEOUT_USEC=30000000"),
    ])
    func everyStateHasTheWordsOfSdNotify(state: NotifyState, message: String) {
        #expect(NotifyState.message(of: [state]) == message)
    }

    @Test(arguments: ["a\nREADY=1", "a\rREADY=1", "a\r\nREADY=1", "a\0READY=1", "a\u{2028}READY=1", "a\u{85}READY=1"])
    func aStatusCannotAddAnAssignment(text: String) {
        let message = NotifyState.message(of: [.status(text)])
        #expect(!message.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(message.split(separator: " ").first == "STATUS=a")
        #expect(message.hasSuffix(" READY=1"))
    }

    @Test func aLongStatusIsCutAtACharacter() {
        let family = "👨‍👩‍👧"  // 18 bytes, one character.
        let message = NotifyState.message(of: [.status(String(repeating: family, count: 100))])
        let text = message.dropFirst("STATUS=".count)
        #expect(text.utf8.count <= NotifyState.statusLimit)
        #expect(text == String(repeating: family, count: 56) + "…")
    }

    @Test func aStatusAtTheLimitIsWhole() {
        let text = String(repeating: "x", count: NotifyState.statusLimit)
        #expect(NotifyState.message(of: [.status(text)]) == "STATUS=\(text)")
    }

    @Test(arguments: [
        (Duration.zero, "0"), (.nanoseconds(1), "1"), (.microseconds(7), "7"), (.seconds(-3), "0"),
        (.seconds(Int64.max), "18446744073709551614"),
    ])
    func timesAreWholeMicrosecondsRoundedUpAndBounded(duration: Duration, microseconds: String) {
        #expect(NotifyState.message(of: [.extendTimeout(duration)]) == "EXTEND_TIMEOUT_USEC=\(microseconds)")
    }

    @Test func reloadingNowCarriesTheMonotonicClock() {
        guard case .reloading(let first) = NotifyState.reloadingNow(),
            case .reloading(let second) = NotifyState.reloadingNow()
        else {
            Issue.record("not reloading")
            return
        }
        #expect(first > .zero)
        #expect(second >= first)
    }
}

/// A datagram socket in the place of the service manager's.
private final class NotifySocket {
    let notifier: Notifier
    private let descriptor: Int32
    private let folder: TemporaryFolder?

    static func abstract() throws -> NotifySocket {
        let name = "corund-test-\(getpid())-\(UInt64.random(in: .min ... .max))"
        return try NotifySocket(bytes: [0] + Array(name.utf8), terminated: false, address: "@" + name, folder: nil)
    }

    static func path() throws -> NotifySocket {
        let folder = try TemporaryFolder()
        let path = folder.file("s")
        return try NotifySocket(bytes: Array(path.utf8), terminated: true, address: path, folder: folder)
    }

    private init(bytes: [UInt8], terminated: Bool, address: String, folder: TemporaryFolder?) throws {
        notifier = Notifier(environment: ["NOTIFY_SOCKET": address])
        self.folder = folder
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (terminated ? 1 : 0))
        // SAFETY: as in Notifier: bind reads the structure as the sockaddr it begins with, within `length`.
        let status = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(status == 0)
    }

    /// The next notification, or `nil` when none is waiting.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 2 * Notifier.messageLimit)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    deinit {
        close(descriptor)
    }
}
