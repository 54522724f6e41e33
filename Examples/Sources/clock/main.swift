// A clock that ticks each second, and then a message: two runs, one after the other, in virtual time, which jumps to the
// next deadline when there is nothing else to do. An hour takes no longer than the printing.
//
//     swift run --package-path Examples clock
//
// Prints, at once:
//
//     0 s: tick
//     1 s: tick
//     2 s: tick
//     3 s: hello
//     3603 s: hello again, an hour later

import CorundRunner

let runner = Runner(loopFactory: { .virtual() })
let loop = try runner.loop

func say(_ message: String) {
    print("\(loop.now.nanoseconds / 1_000_000_000) s: \(message)")
}

func clock(ticks: Int) async throws {
    for _ in 1...ticks {
        say("tick")
        try await loop.sleep(for: .seconds(1))
    }
}

func message() async throws {
    say("hello")
    try await loop.sleep(for: .seconds(3600))
    say("hello again, an hour later")
}

try runner.run { try await clock(ticks: 3) }
try runner.run { try await message() }
try runner.close()
