import Foundation
import Glibc
import TestSupport
import Testing

/// A daemon in a fresh folder that is ready to serve.
struct TestDaemon {
    let folder: TemporaryFolder
    let manager: NotifyListener
    let program: Program
    private let start: () throws -> Program

    private init(folder: TemporaryFolder, manager: NotifyListener, start: @escaping () throws -> Program) throws {
        (self.folder, self.manager, self.start) = (folder, manager, start)
        program = try start()
    }

    var socket: String { folder.file("s") }

    /// Runs `body` with a stock daemon of that configuration; the daemon is gone afterwards.
    static func run(
        _ configuration: String = "", arguments: [String] = [], launcher: (TemporaryFolder) -> [String] = { _ in [] },
        _ body: (TestDaemon) throws -> Void
    ) throws {
        let folder = try TemporaryFolder()
        let launcher = launcher(folder)
        try folder.write(configuration, to: "corund.toml")
        let manager = try NotifyListener(folder: folder)
        let daemon = try TestDaemon(folder: folder, manager: manager) {
            try Program(
                .corund, ["--config", folder.file("corund.toml"), "--socket", folder.file("s")] + arguments,
                environment: ["NOTIFY_SOCKET": manager.path], folder: folder, launcher: launcher)
        }
        try daemon.serve(body)
    }

    /// Runs `body` with the daemon that has kinds of job that misbehave.
    static func runMisbehaving(
        _ environment: [String: String] = [:], launcher: [String] = [], _ body: (TestDaemon) throws -> Void
    ) throws {
        let folder = try TemporaryFolder()
        let manager = try NotifyListener(folder: folder)
        let ours = ["NOTIFY_SOCKET": manager.path, "DAEMON_SOCKET": folder.file("s")]
        let daemon = try TestDaemon(folder: folder, manager: manager) {
            try Program(
                .misbehaving, [], environment: ours.merging(environment) { $1 }, folder: folder,
                launcher: launcher)
        }
        try daemon.serve(body)
    }

    /// Another life of the daemon, in the same folder; ready to serve.
    func startAgain() throws -> TestDaemon {
        manager.forget()
        let next = try beginAgain()
        try manager.wait(for: "READY=1")
        return next
    }

    /// As ``startAgain()``, for one that may not live until it is ready.
    func beginAgain() throws -> TestDaemon {
        try TestDaemon(folder: folder, manager: manager, start: start)
    }

    /// Kills it, and starts it again.
    func crash() throws -> TestDaemon {
        program.signal(SIGKILL)
        try program.wait()
        return try startAgain()
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

    /// Returns when the daemon has taken what was sent to it: one that connects later is answered after it.
    func takeWhatWasSent() throws {
        for _ in 0..<2 { #expect(try connect().call("Service.Health").error == nil) }
    }

    /// SIGTERM.
    func stop() {
        program.signal(SIGTERM)
    }
}
