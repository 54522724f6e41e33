import Foundation
import Glibc

/// A daemon in a fresh folder that is ready to serve.
struct TestDaemon {
    let folder: TemporaryFolder
    let manager: NotifyListener
    let program: Program

    var socket: String { folder.file("s") }

    /// Runs `body` with a stock daemon of that configuration; the daemon is gone afterwards.
    static func run(
        _ configuration: String = "", arguments: [String] = [], _ body: (TestDaemon) throws -> Void
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write(configuration, to: "corund.toml")
        let manager = try NotifyListener(folder: folder)
        let program = try Program(
            .corund, ["--config", folder.file("corund.toml"), "--socket", folder.file("s")] + arguments,
            environment: ["NOTIFY_SOCKET": manager.path], folder: folder)
        try TestDaemon(folder: folder, manager: manager, program: program).serve(body)
    }

    /// Runs `body` with the daemon that has kinds of job that misbehave.
    static func runMisbehaving(_ environment: [String: String] = [:], _ body: (TestDaemon) throws -> Void) throws {
        let folder = try TemporaryFolder()
        let manager = try NotifyListener(folder: folder)
        let ours = ["NOTIFY_SOCKET": manager.path, "DAEMON_SOCKET": folder.file("s")]
        let program = try Program(.misbehaving, [], environment: ours.merging(environment) { $1 }, folder: folder)
        try TestDaemon(folder: folder, manager: manager, program: program).serve(body)
    }

    private func serve(_ body: (TestDaemon) throws -> Void) throws {
        try withExtendedLifetime(self) {
            try manager.wait(for: "READY=1")
            try body(self)
        }
    }

    func connect() throws -> WireClient {
        try WireClient(path: socket)
    }

    /// SIGTERM.
    func stop() {
        program.signal(SIGTERM)
    }
}
