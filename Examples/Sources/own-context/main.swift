// Runs of a runner share its context: what one sets, the next one reads. A run that is given a context of its own reads
// and changes that one in place, and leaves the runner's alone.
//
//     swift run --package-path Examples own-context
//
// Prints:
//
//     hello, Ada
//     hello, nobody
//     hello, Ada
//     hello, Grace

import CorundRunner

let user = ContextVariable("user", default: "nobody")

func signIn(_ name: String) async {
    user.set(name)
}

func greet() async throws {
    print("hello, \(try user.get())")
}

let runner = Runner()
try runner.run { await signIn("Ada") }
try runner.run { try await greet() }

let guests = Context()
try runner.run(context: guests) { try await greet() }
try runner.run(context: guests) { await signIn("Grace") }

try runner.run { try await greet() }
try runner.run(context: guests) { try await greet() }
try runner.close()
