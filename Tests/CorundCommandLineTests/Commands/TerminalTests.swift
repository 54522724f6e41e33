import Glibc
import Testing

@Suite("On a terminal", .timeLimit(.minutes(1)))
struct TerminalTests {
    private func start(
        _ arguments: [String], on terminal: Terminal, _ daemon: FakeDaemon, _ environment: [String: String] = [:]
    ) throws -> CommandProcess {
        let environment = environment.merging(["CORUND_SOCKET": daemon.socket, "TERM": "xterm"]) { given, _ in given }
        return try CommandProcess(arguments, environment: environment, terminal: terminal.path)
    }

    private func list(_ terminal: Terminal, _ environment: [String: String] = [:]) async throws -> [Substring] {
        let failure = #","failure":{"kind":"K","message":"\#(String(repeating: "long ", count: 30))","attempt":1}"#
        let reply = #"{"jobs":[\#(Wire.job("failed", failure))]}"#
        return try await withDaemon(["List": [.reply(reply)]]) { daemon async throws in
            let process = try start(["list"], on: terminal, daemon, environment)
            #expect(try await process.end().status == 0)
            return terminal.read().split(separator: "\r\n")
        }
    }

    @Test("list cuts its lines to the width, and colours the states")
    func table() async throws {
        let lines = try await list(Terminal(columns: 80), ["NO_COLOR": "1"])
        #expect(lines.count == 2)
        #expect(lines.last?.count == 80)
        #expect(lines.last?.hasSuffix("…") == true)
        let coloured = try await list(Terminal(columns: 80))
        #expect(coloured.last?.contains("\u{1B}[31mfailed\u{1B}[0m") == true)
    }

    @Test("wait shows how far the job has come, and clears it away before it says something else")
    func progress() async throws {
        let answers: [String: [FakeDaemon.Answer]] = [
            "Wait": [.silence],
            "Watch": [.beginning([Wire.event(1, #""progress":{"fraction":0.5,"note":"half way"}"#)])],
        ]
        let daemon = try FakeDaemon(answers)
        let terminal = try Terminal(columns: 100)
        let process = try start(["wait", "17"], on: terminal, daemon)
        let shown = terminal.read(until: "half way\u{1B}[K")
        #expect(shown.hasPrefix("\rjob 17  "))
        #expect(shown.contains("\rjob 17  [==========>         ]  50%  "))
        daemon.stop()
        let told = terminal.read(until: "to come back")
        #expect(told.contains("\r\u{1B}[Kcorund-ctl: the daemon is gone"))
        process.send(SIGINT)
        #expect(try await process.end().status == 130)
    }

    @Test("quick jobs show no progress")
    func quick() async throws {
        try await withDaemon(["Run": [.reply(#"{"result":1}"#)]]) { daemon async throws in
            let terminal = try Terminal(columns: 100)
            #expect(try await start(["run", "x"], on: terminal, daemon).end().status == 0)
            #expect(terminal.read() == "1\r\n")
        }
    }
}
