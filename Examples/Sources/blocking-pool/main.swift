// What blocks runs on threads of the loop's pool, and the loop goes on meanwhile. What is stuck there when the runner closes
// is waited for until the timeouts have passed; then it is reported and left behind, and the process can end.
//
//     swift run --package-path Examples blocking-pool
//
// Prints:
//
//     the loop is free meanwhile
//     the answers: 1, 4, 9
//     reported: a task ignored its cancellation and was left behind [task stuck, made at blocking_pool/main.swift:37]
//     reported: the blocking pool did not finish joining its threads within 0.1 seconds; 1 are left behind

import CorundRunner
import Glibc

/// Takes its time, and its thread.
func square(_ number: Int) -> Int {
    usleep(100_000)
    return number * number
}

let runner = Runner()
let loop = try runner.loop
loop.exceptionHandler = { print("reported: \($0)") }

try runner.run {
    async let one = loop.runBlocking { square(1) }
    async let two = loop.runBlocking { square(2) }
    async let three = loop.runBlocking { square(3) }
    try await loop.sleep(for: .milliseconds(1))
    print("the loop is free meanwhile")
    print("the answers: \(try await one), \(try await two), \(try await three)")
}

try runner.run {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    try loop.spawn(name: "stuck") {
        try await loop.runBlocking {
            begin.finish()
            while true { pause() }
        }
    }
    for await _ in begun {}
}
// Blocking work that has begun cannot be cancelled, nor can the task that awaits it: hence the first timeout.
try runner.close(taskTimeout: .milliseconds(100), poolTimeout: .milliseconds(100))
