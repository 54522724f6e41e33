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
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        defer { close(listener) }
        try #require(corund_bind_unix(listener, folder.file("notify")) == 0)
        let notifier = Notifier(environment: ["NOTIFY_SOCKET": folder.file("notify")])
        #expect(throws: SystemdError(operation: .notifySend, errorNumber: EAGAIN)) {
            while true { try notifier.notify(.status("full")) }
        }

        let loop = try EventLoop()
        let manager = ServiceManager(
            loop: loop, notifier: notifier, watchdog: nil,
            logger: Logger(label: "systemd") { _ in SwiftLogNoOpLogHandler() })
        manager.ready { "serving" }
        manager.stopping(within: .seconds(3))
        var heard: [String] = []
        try loop.addReader(listener) {
            var buffer = [UInt8](repeating: 0, count: Notifier.messageLimit)
            let count = recv(listener, &buffer, buffer.count, 0)
            heard.append(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self))
            if heard.last?.hasPrefix("STOPPING=1") == true { loop.stop() }
        }
        let guardTimer = try loop.callLater(.seconds(30)) { loop.stop() }
        try loop.run()
        guardTimer.cancel()
        try loop.close()
        let told = heard.drop { $0.hasPrefix("STATUS=full") }
        #expect(Array(told) == ["READY=1\nSTATUS=serving", "STOPPING=1\nEXTEND_TIMEOUT_USEC=3000000"])
    }
}
