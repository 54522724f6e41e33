import CLinux
import Testing
import Varlink

@testable import CorundLoop
@testable import CorundService

struct CommandResultTests {
    /// Stands for a byte that is no UTF-8.
    private static let noText: Unicode.Scalar = "\u{F8FF}"

    private func result(
        _ status: ChildStatus, output: [UInt8] = [], error: String = "", limit: Int = 10_000, peak: Int64 = 0
    ) -> CommandResult {
        var (kept, keptError) = (KeptOutput(limit: limit), KeptOutput(limit: limit))
        kept.append(output)
        keptError.append(error.unicodeScalars.flatMap { $0 == Self.noText ? [0xFF] : Array(String($0).utf8) })
        let told = corund_child_end(
            exited: true, dumped_core: false, status: 0, user_us: 1_000_002, system_us: 3, max_rss_bytes: peak)
        let end = ProgramEnd(status: status, usage: ResourceUsage(told, parentPeak: 100))
        return CommandResult(end, output: kept, error: keptError)
    }

    private func json(_ result: CommandResult) throws -> String {
        try RawJSON(encoding: result).description
    }

    @Test func textIsText() throws {
        #expect(
            try json(result(.exited(0), output: Array("é\n".utf8), error: "e"))
                == #"{"exit_status":0,"stdout":"é\n","stderr":"e","cpu_user_us":1000002,"cpu_system_us":3}"#)
    }

    @Test func whatIsNoTextIsBase64() throws {
        #expect(
            try json(result(.exited(1), output: [0xFF]))
                == #"{"exit_status":1,"stdout_base64":"/w==","stderr":"","cpu_user_us":1000002,"cpu_system_us":3}"#)
    }

    @Test func whatIsDroppedIsCounted() throws {
        let text = try json(result(.exited(0), output: Array("0123456789".utf8), error: "abcd", limit: 4, peak: 101))
        #expect(
            text
                == #"{"exit_status":0,"stdout":"0189","stdout_dropped":6,"stderr":"abcd","cpu_user_us":1000002,"#
                + #""cpu_system_us":3,"max_rss_bytes":101}"#)
    }

    @Test func aSignalHasItsNameAndTheStatusOfAShell() throws {
        let killed = result(.signalled(9), error: "words\n")
        #expect(try json(killed).hasPrefix(#"{"exit_status":137,"signal":"SIGKILL","stdout":"""#))
        let failure = try #require(try killed.failure(successStatuses: [0, 137]))
        #expect(failure.kind == "Signalled" && failure.status == 137)
        #expect(failure.message == "was ended by SIGKILL: words")
        #expect(try json(result(.signalled(34))).contains(#""signal":"signal 34""#))
    }

    @Test func aStatusIsAFailureUnlessItMeansSuccess() throws {
        #expect(try result(.exited(0)).failure(successStatuses: [0]) == nil)
        #expect(try result(.exited(24)).failure(successStatuses: [0, 24]) == nil)
        #expect(try result(.exited(0)).failure(successStatuses: [1])?.status == 0)
        let failed = result(.exited(3), output: Array("o".utf8))
        let failure = try #require(try failed.failure(successStatuses: [0]))
        #expect(failure.kind == "Exited" && failure.status == 3 && failure.message == "exited with status 3")
        #expect(try failure.result == RawJSON(encoding: failed))
    }

    @Test(arguments: [
        ("a\nb\n", ": b"), ("a\nb", ": b"), ("a\n \n\n", ": a"), ("\n \n", ""), ("a\r\n", ": a"),
        (String(repeating: "x", count: 201), ": " + String(repeating: "x", count: 200) + "…"),
        (String(repeating: "日", count: 200), ": " + String(repeating: "日", count: 200)),
        (String(repeating: "日", count: 400), ": " + String(repeating: "日", count: 200) + "…"),
        ("\u{F8FF}\nthis is\n\u{F8FF}why\r\n\t\n", ": \u{FFFD}why"),
    ])
    func theFailureHasTheLastWordsOfTheProgram(error: String, words: String) throws {
        #expect(
            try result(.exited(1), error: error).failure(successStatuses: [0])?.message == "exited with status 1"
                + words)
    }
}
