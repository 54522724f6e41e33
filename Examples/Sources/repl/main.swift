// Reads lines and runs one after another, all in the same event loop and context: a name that one line sets is there for
// the next ones, and what a line has started goes on while later ones run. Ctrl-C interrupts the line that runs; Ctrl-D
// ends the program.
//
//     swift run --package-path Examples repl
//
// Reads:
//
//     greet
//     name Ada
//     remind tea
//     greet
//     wait 0.2
//     dance
//
// Prints:
//
//     hello, stranger
//     hello, Ada
//     Ada, think of tea
//     error: what is "dance"?

import CorundRunner

struct UnknownCommand: Error, CustomStringConvertible {
    let description: String
}

let runner = Runner()
let loop = try runner.loop
let name = ContextVariable("name", default: "stranger")

func evaluate(_ command: String, _ argument: String) async throws {
    switch command {
    case "name": name.set(argument)
    case "greet": print("hello, \(try name.get())")
    case "wait": try await loop.sleep(for: .seconds(Double(argument) ?? 1))
    case "remind":
        try loop.spawn {
            try await loop.sleep(for: .milliseconds(100))
            print("\(try name.get()), think of \(argument)")
        }
    default: throw UnknownCommand(description: "what is \"\(command)\"?")
    }
}

while let line = readLine() {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard let command = words.first else { continue }
    do {
        try runner.run { try await evaluate(command, words.count > 1 ? words[1] : "") }
    } catch RunnerError.interrupted {
        print("interrupted")
    } catch {
        print("error: \(error)")
    }
}
try runner.close()
