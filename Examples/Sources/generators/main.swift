// An asynchronous generator that is left half-way is closed by close(), while the loop still runs: its clean-up may await.
//
//     swift run --package-path Examples generators
//
// Prints:
//
//     opening the log
//     read: line 1
//     read: line 2
//     the runner closes
//     closing the log: the asynchronous generator was closed
//     the log is closed

import CorundRunner

let runner = Runner()
let loop = try runner.loop

let log = AsyncGenerator(of: String.self, name: "log") { yield in
    print("opening the log")
    do {
        for number in 1... { try await yield("line \(number)") }
    } catch {
        print("closing the log: \(error)")
        try await loop.sleep(for: .milliseconds(10))
        print("the log is closed")
        throw error
    }
}

func readLine() async throws {
    guard let line = try await log.next() else { return }
    print("read: \(line)")
}

try runner.run { try await readLine() }
try runner.run { try await readLine() }
print("the runner closes")
try runner.close()
