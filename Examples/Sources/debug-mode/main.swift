// Debug mode reports what holds the loop: while one callback or one step of a task runs, nothing else does. It can be had
// without a change to the program, too: CORUND_DEBUG=1 in the environment.
//
//     swift run --package-path Examples debug-mode
//
// Prints, on standard error:
//
//     corund: a callback held the event loop for … seconds [made at debug_mode/main.swift:24]
//     corund: a task held the event loop for … seconds [task thumbnail, made at debug_mode/main.swift:25]

import CorundRunner
import Glibc

/// Blocks its thread, which is the loop's when it is called there.
func block() {
    usleep(200_000)
}

try Runner.with(debug: true) { runner in
    let loop = try runner.loop
    loop.slowCallbackDuration = .milliseconds(150)  // 100 ms when not set
    try runner.run {
        try await loop.runBlocking { block() }  // as it should be: on another thread, and nothing is reported
        try loop.callSoon { block() }
        try await loop.spawn(name: "thumbnail") { block() }.value
    }
}
