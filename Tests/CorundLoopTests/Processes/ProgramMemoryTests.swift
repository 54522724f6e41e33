import Foundation
import Testing

@testable import CorundLoop

struct ProgramMemoryTests {
    private final class Output: @unchecked Sendable {
        // SAFETY: confined to the test's loop.
        var text = ""
    }

    @Test func whereMemoryEndsAProgramGoesBeforeTheProcessThatHasStartedIt() throws {
        let own = try String(contentsOfFile: "/proc/self/oom_score_adj", encoding: .utf8)
        let wanted = min(try #require(Int(own.trimmingCharacters(in: .whitespacesAndNewlines))) + 500, 1000)
        // It has begun before it can be put there.
        let look = """
            tries=100000
            while read score </proc/self/oom_score_adj; [ $score != \(wanted) ] && [ $tries != 0 ]; do
                tries=$((tries - 1))
            done
            echo $score
            """
        let program = Program(path: "/bin/sh", arguments: ["sh", "-c", look], environment: [:])
        let output = Output()
        try withLoop { loop in
            _ = try loop.complete {
                try await loop.run(program, grace: .seconds(20)) { output.text += String(decoding: $1, as: UTF8.self) }
            }
        }
        #expect(output.text == "\(wanted)\n")
    }
}
