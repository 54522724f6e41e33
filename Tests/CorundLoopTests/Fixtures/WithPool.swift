import TestSupport
import Testing

@testable import CorundLoop

/// Keeps threads of a loop's pool busy until it is told to end.
struct Occupation {
    private let release = Gate()

    /// Returns when `threads` threads are at work.
    init(of loop: EventLoop, threads: Int) throws {
        let began = Log<Int>()
        let (all, release) = (Gate(), release)
        for number in 0..<threads {
            try loop.spawn {
                try await loop.runBlocking {
                    began.append(number)
                    if began.count == threads { all.open() }
                    release.wait()
                }
            }
        }
        try loop.turn()
        all.wait()
    }

    func end() {
        release.open()
    }
}

/// Lends `body` a loop whose pool has at most `limit` threads; afterwards each of them must end, and each caller.
func withPool(
    limit: Int?, sourceLocation: SourceLocation = #_sourceLocation, _ body: (EventLoop) throws -> Void
) throws {
    let make = {
        EventLoop(clock: MonotonicClock(), selector: Epoll(), blockingThreadLimit: limit)
    }
    try withLoop(make, sourceLocation: sourceLocation) { loop in
        try body(loop)
        try loop.complete { try await loop.shutdownBlockingPool(timeout: nil) }
        // The last thread's end comes after the resumption of each caller; those may still be on their way.
        try loop.turn(times: 3)
    }
}
