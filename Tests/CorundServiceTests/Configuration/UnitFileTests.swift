import CorundAPI
import CorundService
import Foundation
import Testing

/// The shipped unit leaves the time that the shipped configuration asks for.
struct UnitFileTests {
    private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..")

    @Test func systemdWaitsLongerThanTheDaemonTakesToEnd() throws {
        let unit = try String(
            contentsOf: root.appending(path: "systemd/corund.service"), encoding: .utf8)
        let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("TimeoutStopSec=") })
        let timeout = try TimeSpan.parse(String(line.dropFirst("TimeoutStopSec=".count)))
        let configuration = try Configuration.load(
            file: root.appending(path: "config/corund.toml").standardizedFileURL.path, isRequired: true)
        let end = configuration.drainTimeout + configuration.cancelGrace + configuration.poolTimeout
        #expect(timeout >= end + .seconds(10))
    }
}
