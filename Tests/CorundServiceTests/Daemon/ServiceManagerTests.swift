import CLinux
import CorundLoop
import Glibc
import Logging
import Systemd
import TestSupport
import Testing

@testable import CorundService

struct ServiceManagerTests {
    @Test func whatSystemdHasNoRoomForItIsToldWhenItHas() throws {
        let folder = try TemporaryFolder()
        let listener = try Self.listener(in: folder)
        defer { close(listener) }
        let notifier = Self.notifier(in: folder)
        Self.fill(notifier)

        let loop = try EventLoop()
        let manager = Self.manager(loop, notifier)
        manager.ready { "serving" }
        manager.stopping(within: .seconds(3))
        var heard: [String] = []
        try loop.addReader(listener) {
            Self.next(listener).map { heard.append($0) }
            if heard.last?.hasPrefix("STOPPING=1") == true { loop.stop() }
        }
        let guardTimer = try loop.callLater(.seconds(30)) { loop.stop() }
        try loop.run()
        guardTimer.cancel()
        try loop.close()
        let told = heard.drop { $0.hasPrefix("STATUS=full") }
        #expect(Array(told) == ["READY=1\nSTATUS=serving", "STOPPING=1\nEXTEND_TIMEOUT_USEC=3000000"])
    }

    @Test func aStatusThatSystemdHadNoRoomForIsToldAlthoughItDoesNotChangeAgain() throws {
        let folder = try TemporaryFolder()
        let listener = try Self.listener(in: folder)
        defer { close(listener) }
        let notifier = Self.notifier(in: folder)
        let loop = EventLoop.virtual()
        let manager = Self.manager(loop, notifier)
        var status = "a job runs"
        manager.ready { status }
        Self.fill(notifier)

        status = "nothing runs"
        manager.statusChanged()
        try Self.run(loop, for: .seconds(5))
        while Self.next(listener) != nil {}
        try Self.run(loop, for: .seconds(5))
        #expect(Self.next(listener) == "STATUS=nothing runs")
        #expect(Self.next(listener) == nil)
        try loop.close()
    }

    // MARK: Both ends of systemd's queue

    private static func listener(in folder: TemporaryFolder) throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        try #require(corund_bind_unix(listener, folder.file("notify")) == 0)
        return listener
    }

    private static func notifier(in folder: TemporaryFolder) -> Notifier {
        Notifier(environment: ["NOTIFY_SOCKET": folder.file("notify")])
    }

    private static func manager(_ loop: EventLoop, _ notifier: Notifier) -> ServiceManager {
        ServiceManager(
            loop: loop, notifier: notifier, watchdog: nil,
            logger: Logger(label: "systemd") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func fill(_ notifier: Notifier) {
        #expect(throws: SystemdError(operation: .notifySend, errorNumber: EAGAIN)) {
            while true { try notifier.notify(.status("full")) }
        }
    }

    /// What was said first of all that nobody has listened to.
    private static func next(_ listener: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: Notifier.messageLimit)
        let count = recv(listener, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    private static func run(_ loop: EventLoop, for time: Duration) throws {
        try loop.callLater(time) { loop.stop() }
        try loop.run()
    }
}
